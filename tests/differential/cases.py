"""One-question documents: every field of the run configurations with every sort of value, and each grammar's own cases.

`all_cases()` yields questions; the id says what is asked, as `task.nodes = "2"`.
"""

from asking import Question

# What a field may stand in, with `@` where the value goes. The rest of the document is in order.
TASK = "type: task\ncommands: [ls]\n"
IDE = "type: dev-environment\nide: vscode\n"
SERVICE = "type: service\ncommands: [ls]\nport: 80\n"

# Fields that all three types have.
SHARED = """
name image docker python nvcc user privileged entrypoint registry_auth working_dir home_dir env shell repos
single_branch files volumes dstack resources priority setup
fleets instances backends regions availability_zones instance_types reservation spot_policy max_price creation_policy
idle_duration max_duration stop_duration utilization_policy retry schedule startup_order stop_criteria tags
backend_options retry_policy termination_policy termination_idle_time pool_name instance_name
""".split()

# Fields with what they are part of: the value stands for `@` in the text after the colon.
PLACES = {
    "task.nodes": TASK + "nodes: @\n",
    "task.ports": TASK + "ports: @\n",
    "task.groups": "type: task\ngroups: @\n",
    "task.commands": "type: task\ncommands: @\n",
    "task.commands+image": "type: task\nimage: a\ncommands: @\n",
    "task.commands[0]": "type: task\ncommands: [@]\n",
    "dev.ide": "type: dev-environment\nide: @\n",
    "dev.version": IDE + "version: @\n",
    "dev.init": IDE + "init: @\n",
    "dev.ports": IDE + "ports: @\n",
    "dev.inactivity_duration": IDE + "inactivity_duration: @\n",
    "service.port": "type: service\ncommands: [ls]\nport: @\n",
    "service.model": SERVICE + "model: @\n",
    "service.gateway": SERVICE + "gateway: @\n",
    "service.https": SERVICE + "https: @\n",
    "service.auth": SERVICE + "auth: @\n",
    "service.strip_prefix": SERVICE + "strip_prefix: @\n",
    "service.replicas": SERVICE + "replicas: @\n",
    "service.replicas+scaling": SERVICE + "scaling: {metric: rps, target: 1}\nreplicas: @\n",
    "service.scaling": SERVICE + "replicas: 1..2\nscaling: @\n",
    "service.rate_limits": SERVICE + "rate_limits: @\n",
    "service.probes": SERVICE + "probes: @\n",
    "service.router": SERVICE + "router: @\n",
    "service.groups": "type: service\nport: 80\ngroups: @\n",
    "type": "type: @\nide: vscode\n",
    "scaling.metric": SERVICE + "replicas: 1..2\nscaling: {metric: @, target: 1}\n",
    "scaling.target": SERVICE + "replicas: 1..2\nscaling: {metric: rps, target: @}\n",
    "scaling.window": SERVICE + "replicas: 1..2\nscaling: {metric: rps, target: 1, window: @}\n",
    "scaling.scale_up_delay": SERVICE + "replicas: 1..2\nscaling: {metric: rps, target: 1, scale_up_delay: @}\n",
    "replicas.min": SERVICE + "scaling: {metric: rps, target: 1}\nreplicas: {min: @, max: 4}\n",
    "replicas.max": SERVICE + "scaling: {metric: rps, target: 1}\nreplicas: {min: 1, max: @}\n",
    "rate_limits[0].prefix": SERVICE + "rate_limits: [{prefix: @, rps: 1}]\n",
    "rate_limits[0].rps": SERVICE + "rate_limits: [{rps: @}]\n",
    "rate_limits[0].burst": SERVICE + "rate_limits: [{rps: 1, burst: @}]\n",
    "rate_limits[0].key": SERVICE + "rate_limits: [{rps: 1, key: @}]\n",
    "rate_limits[0].key.header": SERVICE + "rate_limits: [{rps: 1, key: {type: header, header: @}}]\n",
    "probes[0].type": SERVICE + "probes: [{type: @}]\n",
    "probes[0].url": SERVICE + "probes: [{type: http, url: @}]\n",
    "probes[0].method": SERVICE + "probes: [{type: http, method: @}]\n",
    "probes[0].headers": SERVICE + "probes: [{type: http, headers: @}]\n",
    "probes[0].headers[0].name": SERVICE + "probes: [{type: http, headers: [{name: @, value: v}]}]\n",
    "probes[0].headers[0].value": SERVICE + "probes: [{type: http, headers: [{name: n, value: @}]}]\n",
    "probes[0].body": SERVICE + "probes: [{type: http, method: post, body: @}]\n",
    "probes[0].timeout": SERVICE + "probes: [{type: http, timeout: @}]\n",
    "probes[0].interval": SERVICE + "probes: [{type: http, interval: @}]\n",
    "probes[0].ready_after": SERVICE + "probes: [{type: http, ready_after: @}]\n",
    "probes[0].until_ready": SERVICE + "probes: [{type: http, until_ready: @}]\n",
    "model.name": SERVICE + "model: {type: chat, name: @, format: openai}\n",
    "model.type": SERVICE + "model: {type: @, name: a, format: openai}\n",
    "model.format": SERVICE + "model: {type: chat, name: a, format: @}\n",
    "model.prefix": SERVICE + "model: {type: chat, name: a, format: openai, prefix: @}\n",
    "model.chat_template": SERVICE + "model: {type: chat, name: a, format: tgi, chat_template: @}\n",
    "registry_auth.username": TASK + "registry_auth: {username: @, password: p}\n",
    "registry_auth.password": TASK + "registry_auth: {username: u, password: @}\n",
    "resources.cpu": TASK + "resources: {cpu: @}\n",
    "resources.cpu.arch": TASK + "resources: {cpu: {arch: @}}\n",
    "resources.cpu.count": TASK + "resources: {cpu: {count: @}}\n",
    "resources.cpu.min": TASK + "resources: {cpu: {min: @}}\n",
    "resources.memory": TASK + "resources: {memory: @}\n",
    "resources.memory.min": TASK + "resources: {memory: {min: @}}\n",
    "resources.memory.max": TASK + "resources: {memory: {min: 8GB, max: @}}\n",
    "resources.shm_size": TASK + "resources: {shm_size: @}\n",
    "resources.gpu": TASK + "resources: {gpu: @}\n",
    "resources.gpu.vendor": TASK + "resources: {gpu: {vendor: @}}\n",
    "resources.gpu.name": TASK + "resources: {gpu: {name: @}}\n",
    "resources.gpu.name[0]": TASK + "resources: {gpu: {name: [@]}}\n",
    "resources.gpu.count": TASK + "resources: {gpu: {count: @}}\n",
    "resources.gpu.memory": TASK + "resources: {gpu: {memory: @}}\n",
    "resources.gpu.total_memory": TASK + "resources: {gpu: {total_memory: @}}\n",
    "resources.gpu.compute_capability": TASK + "resources: {gpu: {compute_capability: @}}\n",
    "resources.disk": TASK + "resources: {disk: @}\n",
    "resources.disk.size": TASK + "resources: {disk: {size: @}}\n",
    "env[0]": TASK + "env: [@]\n",
    "env.A": TASK + "env: {A: @}\n",
    "env key": TASK + "env: {@: a}\n",
    "env.A.key": TASK + "env: {A: {key: @}}\n",
    "ports[0]": TASK + "ports: [@]\n",
    "ports[0].local_port": TASK + "ports: [{local_port: @, container_port: 80}]\n",
    "ports[0].container_port": TASK + "ports: [{container_port: @}]\n",
    "volumes[0]": TASK + "volumes: [@]\n",
    "volumes[0].name": TASK + "volumes: [{name: @, path: /a}]\n",
    "volumes[0].path": TASK + "volumes: [{name: v, path: @}]\n",
    "volumes[0].instance_path": TASK + "volumes: [{instance_path: @, path: /a}]\n",
    "volumes[0].optional": TASK + "volumes: [{instance_path: /b, path: /a, optional: @}]\n",
    "files[0]": TASK + "files: [@]\n",
    "files[0].local_path": TASK + "files: [{local_path: @, path: /a}]\n",
    "files[0].path": TASK + "files: [{local_path: a, path: @}]\n",
    "repos[0]": TASK + "repos: [@]\n",
    "repos[0].url": TASK + "repos: [{url: @}]\n",
    "repos[0].local_path": TASK + "repos: [{local_path: @}]\n",
    "repos[0].path": TASK + "repos: [{url: 'https://a.b/c', path: @}]\n",
    "repos[0].branch": TASK + "repos: [{url: 'https://a.b/c', branch: @}]\n",
    "repos[0].if_exists": TASK + "repos: [{url: 'https://a.b/c', if_exists: @}]\n",
    "utilization_policy.min_gpu_utilization": TASK
    + "utilization_policy: {min_gpu_utilization: @, time_window: 10m}\n",
    "utilization_policy.time_window": TASK + "utilization_policy: {min_gpu_utilization: 1, time_window: @}\n",
    "retry.on_events": TASK + "retry: {on_events: @}\n",
    "retry.on_events[0]": TASK + "retry: {on_events: [@]}\n",
    "retry.duration": TASK + "retry: {on_events: [error], duration: @}\n",
    "retry_policy.retry": TASK + "retry_policy: {retry: @}\n",
    "retry_policy.duration": TASK + "retry_policy: {retry: true, duration: @}\n",
    "schedule.cron": TASK + "schedule: {cron: @}\n",
    "schedule.cron[0]": TASK + "schedule: {cron: [@]}\n",
    "tags.a": TASK + "tags: {a: @}\n",
    "tags key": TASK + "tags: {@: a}\n",
    "backends[0]": TASK + "backends: [@]\n",
    "regions[0]": TASK + "regions: [@]\n",
    "instance_types[0]": TASK + "instance_types: [@]\n",
    "fleets[0]": TASK + "fleets: [@]\n",
    "fleets[0].name": TASK + "fleets: [{name: @}]\n",
    "fleets[0].project": TASK + "fleets: [{project: @, name: a}]\n",
    "instances[0]": TASK + "instances: [@]\n",
    "instances[0].hostname": TASK + "instances: [{hostname: @}]\n",
    "instances[0].instance": TASK + "instances: [{fleet: f, instance: @}]\n",
    "instances[0].fleet": TASK + "instances: [{fleet: @, instance: 0}]\n",
    "gateway.name": SERVICE + "gateway: {name: @}\n",
    "gateway.project": SERVICE + "gateway: {project: @, name: a}\n",
    "backend_options[0].type": TASK + "backend_options: [{type: @}]\n",
    "backend_options[0].offer_order": TASK + "backend_options: [{type: vastai, offer_order: @}]\n",
    "backend_options[0].min_reliability": TASK + "backend_options: [{type: vastai, min_reliability: @}]\n",
    "backend_options[0].min_score": TASK + "backend_options: [{type: vastai, min_score: @}]\n",
    "task.groups[0].name": "type: task\ngroups: [{name: @, commands: [ls]}]\n",
    "task.groups[0].nodes": "type: task\ngroups: [{nodes: @, commands: [ls]}]\n",
    "task.groups[0].commands": "type: task\ngroups: [{commands: @}]\n",
    "task.groups[0].ports": "type: task\ngroups: [{ports: @, commands: [ls]}]\n",
    "task.groups[0].resources": "type: task\ngroups: [{resources: @, commands: [ls]}]\n",
    "service.groups[0].name": "type: service\nport: 80\ngroups: [{name: @, replicas: 1, commands: [ls]}]\n",
    "service.groups[0].replicas": "type: service\nport: 80\ngroups: [{replicas: @, commands: [ls]}]\n",
    "service.groups[0].count": "type: service\nport: 80\ngroups: [{count: @, commands: [ls]}]\n",
    "service.groups[0].scaling": "type: service\nport: 80\ngroups: [{replicas: 1..2, scaling: @, commands: [ls]}]\n",
    "service.groups[0].commands": "type: service\nport: 80\ngroups: [{replicas: 1, commands: @}]\n",
    "service.groups[0].router": "type: service\nport: 80\ngroups: [{replicas: 1, commands: [ls], router: @}]\n",
    "service.groups[0].image": "type: service\nport: 80\ngroups: [{replicas: 1, image: @}]\n",
    "service.groups[0].docker": "type: service\nport: 80\ngroups: [{replicas: 1, commands: [ls], docker: @}]\n",
    "service.replicas[0].count": "type: service\nport: 80\nreplicas: [{count: @, commands: [ls]}]\n",
    "service.replicas[0].name": "type: service\nport: 80\nreplicas: [{name: @, count: 1, commands: [ls]}]\n",
}
PLACES |= {f"{kind}.{field}": f"{base}{field}: @\n" for field in SHARED for kind, base in [("task", TASK)]}
PLACES |= {f"service.{field}": f"{SERVICE}{field}: @\n" for field in ["entrypoint", "image", "env", "resources", "retry"]}
PLACES |= {f"dev.{field}": f"{IDE}{field}: @\n" for field in SHARED}

# Every sort of YAML value, and the spellings on which YAML 1.1, Python and pydantic have opinions.
VALUES = """
~ null "" '' a "a" true false yes "yes" on off "off" 0 1 -1 2 "2" "02" 010 0x1F 1_000 1:30 2.0 2.5 "2.5" 1e3 1.0e+3 .inf
.nan 1000000000000 99999999999999999999 5m "5 m" 90 1h30m 1..2 2..1 1.. ..2 .. -1..1 16GB 80:80 8080:80 *:80 /a /a:/b a:b
a:/b ./a 2024-01-01 =  a/b a/b/c A100 A100:2 "a b" "a\\nb" "\\u00e9" [] [a] [1] [~] [true] [a,a] [[a]] [1,2] ["1",2.5]
{} {a: b} {a: 1} {min: 1} {min: 1, max: 2} {min: 2, max: 1} {max: 1} {min: ~} {min: 1, max: 2, x: 3} {1: 2} {name: a}
{type: a} [{}] [{a: b}] [{name: a}] !!str 1 !!int "1" &x 1 auto all "auto " AUTO ${{secrets.a}} "${{ secrets.a }}"
"${{ x }}" "${{ env.A" "$$" error no-capacity [no-capacity] [error,error]
""".strip()

DURATIONS = """
0 5 "5" 5s 5m 5h 5d 5w 5M 5min "5  m" "5m " " 5m" 5m30s 1.5 1.5h "1.5" -5 "-5" -5m +5 "+5" 5_0 "5_0" 05 "05m" 5e3 300 299
4m 4m59s 5m 30 60s 61 99999999999d off "OFF" "on" on no "no" "٣m" "5\\n" "5m\\n" 300.9 3600 29 31 "30" "1m" "5m5" m s
""".strip()
MEMORY = """
8 8GB 8gb 8Gb "8 GB" "8  g b" 8G 8MB 8TB 8KB 8GiB 8.5GB 1e3GB infGB nan inf -8GB -1 "8" "8_0GB" .5GB 8. "8.GB" 512MB 0 0GB
8GB..16GB 16GB..8GB 8GB.. ..16GB .. 8..16 "8GB .. 16GB" 8GB..8GB 8GB...16GB 8GB..16GB..32GB 1TB..512GB 1024MB..1GB 8TBGB
"8GBTB" "tb" "gb" "..gb" 8,5GB "½GB" "8\\tGB" "8\\u00a0GB"
""".strip()
RANGES = """
1 "1" 1..2 2..1 1.. ..1 .. "1 .. 2" 1...2 1..2..3 -1 -1..2 2..-1 0 0.. 0..0 1.0 1.5 1.5..2 a a..b 1,2 "1_0" "1_0..2_0"
"+1..2" "٣..٤" " 1" x86 X86 x86:2 2:x86 arm:2..4 arm64 x86:arm 2:2 : x86: :2 "x86 : 2" 1..2:arm "1..2:arm:x86" 3:1..
""".strip()
GPUS = """
1 2 "2" 0 -1 1..2 2..1 A100 a100 A100:2 2:A100 A100:80GB A100:80GB:2 A100:40GB..80GB:1..2 80GB 80GB:2 24GB.. ..24GB
A100,H100 A100,H100:80GB A100, ,A100 "A100, H100" "A100 : 2" A100:H100 80GB:40GB 2:3 A100: :A100 : "" nvidia nvidia:A100
NVIDIA:1 amd:MI300X amd:nvidia google:v4-8 tpu tpu:1 tpu-v4-8 v5litepod-4 tpu-v5litepod-4:2 intel:1 tenstorrent tt tt:1 tt:n150 nvidia:
:nvidia A100:80 A100:80gb A100:80G A100:1.5 1.5 A100:1.5GB 1GB..2 "80 GB" 80GB..40GB A100:0 A100:-1 H100:1:nvidia:80GB _x 4x
A100:.. A100:..: RTX4090 "RTX 4090" ünï A10G:2:2 8e1 1e1GB gpu 4090 4090:1
""".strip()
PORTS = """
80 "80" 0 "0" 1 65535 65536 "65535" "65536" -1 80:80 "80:80" 8080:80 "8080:80" *:80 "*:80" "80:*" "*:*" 80: "80:" ":80" ":" "" "80:80:80"
"a" "80/tcp" 80.0 80.5 true 22:22 "22:22" "0:80" "080" "٨٠" "80 " " 80" {container_port: 80} {local_port: 80}
{local_port: ~, container_port: 80} {local_port: "*", container_port: 80} {container_port: "80"} {container_port: 0}
{container_port: 80, x: 1} [80]
""".strip()
ENVS = """
A A=1 A= =1 "A=1=2" 1A=2 a-b=1 "A =1" "A= 1" " A=1" "A=1\\n" "A=1\\n2" "A\\n" ÄA=1 A.B=1 _=1 "" "=" 1 1.5 true ~ {A: 1} [A] export\\ A=1
"export A=1" "A=\\u00e4"
""".strip()
MOUNTS = """
a:/b /a:/b a:b a /a "" : a: :/b a:/b:/c /a:/b:ro /a:b ./a:/b ../a:/b /a/../b:/c /a:/b/.. a-b:/c "a b:/c" ~/a:/b /:/ a:/ a:/b/
//a:/b {name: a, path: /b} {name: [a, b], path: /b} {name: [], path: /b} {name: a} {path: /b} {instance_path: /a, path: /b}
{instance_path: a, path: /b} {instance_path: /a, path: /b, optional: true} {name: a, path: b} {name: a, path: /b, optional: true}
{name: a, instance_path: /c, path: /b} {name: 1, path: /b} {name: "${{ run.node_rank }}", path: /b} "v${{dstack.node_rank}}:/b"
""".strip()
PATHS = r"""
a ./a /a a:b a:/b a:/b:c a:b:c /a:/b ~/a:/b ~/a a: :a : "" . .. C:\a:/b "C:\\a:/b" "C:/a:/b" a:/b/.. "a b:/c d" {local_path: a, path: b}
{local_path: a} {path: b} {local_path: a, path: ""} {local_path: "", path: /a} "c:/b" "c:" "c:/b:/d" a:~/b a:~ ~u a:~u/b
""".strip()
REPOS = """
. ./a ../a /a ~/a .:/b ./a:/b ./a:b https://github.com/a/b https://github.com/a/b.git https://github.com/a/b:/c http://a/b ssh://git@a/b
ssh://git@a/b:/c git@github.com:a/b.git git@github.com:a/b.git:/c ssh://git@a:22/b.git:c file:///a "" : a: :a https:// https://a:8443/b
{local_path: .} {local_path: ., url: "https://a/b"} {url: "https://a/b"} {url: "https://a/b", branch: m, hash: h} {path: /a} {}
{local_path: ., path: ~} {local_path: ., path: "~u/x"} {local_path: ., path: "~/x"} {local_path: ., if_exists: skip} {local_path: 1}
{url: a} {url: "", local_path: a} "C:\\\\a" "C:\\\\a:/b" a:b:c
""".strip()
CRONS = """
"* * * * *" "*/5 * * * *" "0 3 * * mon-fri" "0 3 * * 1-5" "0 0 1 1 *" "0 0 * * 7" "0 0 * * 6" "0 0 * * sun" "0 0 * * SUN" "60 * * * *"
"59 23 31 12 6" "0 24 * * *" "0 0 0 * *" "0 0 32 * *" "0 0 * 13 *" "0 0 * jan *" "0 0 * january *" "0 0 last * *" "0 0 * * last"
"0 0 L * *" "@daily" "* * * *" "* * * * * *" "" "a b c d e" "1,2,3 * * * *" "1-5/2 * * * *" "5-1 * * * *" "*/0 * * * *" "1/2 * * * *"
"0 0 1st mon * *" "0 0 * * mon,wed" "0 0 * * mon-wed/2" "  0   3 * * *  " "0 0 ? * *" "0 0 * * 5L" "*-5 * * * *" "-1 * * * *"
"0 0 last fri * *" "0 0 2nd * *" "0,  * * * *" "0 0 * jan-mar *" "0 0 31 2 *" "*/61 * * * *" "1-60 * * * *"
""".strip()
PYTHONS = '3.8 "3.8" 3.9 "3.9" 3.10 "3.10" 3.1 3.100 3.11 "3.11" 3.12 3.13 3.14 3.15 "3.15" 3.16 3 "3" 3.11.2 "3.1" 3.2 2.7 "3.9 "'
USERS = 'a root a:b 0 "0" 1000 "1000:1000" 1000:1000 1000:10 a: :a : "" "a b" a:b:c -1 "-1" "-1:0" "0:-1" a:-1 1.5 "1.5" ü "a:1" "1a" "+1"'
SHELLS = 'sh bash zsh /bin/zsh /bin/bash fish ./sh "" / "/bin/my shell" BASH "sh " 1 //x'
NAMES = 'a A a-b a_b 1 1a -a a- "" ab abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz "a b" ä a.b 0 "0" worker-1 a/b "a\\n"'
ENTITIES = 'a a/b a/b/c /a a/ / "" "a b" a:b 1 1/2 {name: a} {project: p, name: a} {project: p} {name: ~} {name: a, x: 1} "a\\n" a//b [a]'
PREFIXES = '/ /a a "" /a/ /a/b "/a b" "/a{b}" "/\\\\" //a "/a\\n" /ä "/a?b" / "/a\\t" /a#b'
HEADERS = 'a X-A "X A" "" "X:A" "X_A" Authorization "a\\n" ä "a\\t" 1'
URLS = '/ /a a "" http://a "/a b" "/a?b=c" /${{env.A}} "/${{ env.A }}" "//a" "/\\n" "/a\\\\b" ? 1 "/ä" "/a#b" "/{a}" "/%20"'
CAPABILITIES = '7.5 "7.5" 8 "8" 8.0 8.10 "8.10" [7, 5] [7] [7, 5, 1] ["7", "5"] [7.5, 1] "a" "7." ".5" 7.5.1 -7.5 [a, b] [true, 1] [-1, 2] 1e1 1.0e+1 .inf .nan'
MODELS = """
a "" 1 1.5 true ~ {name: a} {name: a, format: openai} {type: chat, name: a, format: openai} {type: chat, name: a}
{type: chat, name: a, format: tgi} {type: chat, name: a, format: tgi, chat_template: t} {type: completion, name: a, format: openai}
{type: chat, name: a, format: openai, prefix: /v2} {type: chat, name: a, format: openai, eos_token: t} {format: openai} [] {}
{type: chat, name: a, format: OpenAI} {name: ~, format: openai}
""".strip()
REPLICAS = """
1 0 "1" "0" -1 1..2 "1..2" 0..2 2..1 1.. ..2 .. 1..1 two 1.5 1.0 ~ true {min: 1} {max: 2} {min: 1, max: 2} {min: 2, max: 1}
{min: 1, max: 1} {min: -1, max: 1} {min: ~, max: 2} {min: 1, max: 2, x: 1} {min: "1", max: "2"} {} [] [{count: 1, commands: [a]}]
[{replicas: 1, commands: [a]}] [{count: 1}] 0..0
""".strip()
GROUPS = """
~ [] [{}] {} a [{commands: [a]}] [{nodes: 1, commands: [a]}] [{nodes: 0, commands: [a]}] [{replicas: 1, commands: [a]}]
[{replicas: 1, commands: []}] [{replicas: 1..2, commands: [a]}] [{replicas: 1..2, scaling: {metric: rps, target: 1}, commands: [a]}]
[{replicas: 1, scaling: {metric: rps, target: 1}, commands: [a]}] [{count: 1, commands: [a]}] [{count: 2, replicas: 1, commands: [a]}]
[{name: a, replicas: 1, commands: [a]}, {name: a, replicas: 1, commands: [a]}]
[{name: "1", replicas: 1, commands: [a]}, {replicas: 1, commands: [a]}] [{name: "1", commands: [a]}, {commands: [a]}]
[{name: A, replicas: 1, commands: [a]}] [{name: A, commands: [a]}] [{name: a, commands: [a]}, {name: b, commands: [a]}]
[{replicas: 1, commands: [a], router: {type: smg}}] [{replicas: 2, commands: [a], router: {type: smg}}]
[{replicas: 1, commands: [a], router: {}}, {replicas: 1, commands: [a], router: {}}] [{replicas: 1, image: a}]
[{replicas: 1, image: a, python: "3.12"}] [{replicas: 1, image: a, docker: true}] [{replicas: 1, commands: [a], docker: true, privileged: false}]
[{replicas: 1, commands: [a], python: "3.12"}] [{replicas: 1, commands: [a], x: 1}] [{replicas: 1, commands: [a], spot_policy: spot}]
""".strip()

# Where each set of values is asked besides the common ones.
GRAMMARS = {
    DURATIONS: """task.max_duration task.stop_duration task.idle_duration dev.inactivity_duration task.termination_idle_time
        retry.duration retry_policy.duration scaling.scale_up_delay scaling.window probes[0].timeout probes[0].interval
        utilization_policy.time_window""",
    MEMORY: """resources.memory resources.memory.min resources.memory.max resources.shm_size resources.gpu.memory
        resources.gpu.total_memory resources.disk resources.disk.size""",
    RANGES: "resources.cpu resources.cpu.count resources.cpu.min resources.gpu.count",
    GPUS: "resources.gpu resources.gpu.name resources.gpu.name[0] resources.gpu.vendor",
    PORTS: "ports[0] ports[0].container_port ports[0].local_port service.port",
    ENVS: "env[0] env.A",
    MOUNTS: "volumes[0]",
    PATHS: "files[0] files[0].path files[0].local_path volumes[0].path repos[0].path",
    REPOS: "repos[0] repos[0].url repos[0].local_path",
    CRONS: "schedule.cron schedule.cron[0]",
    PYTHONS: "task.python",
    USERS: "task.user",
    SHELLS: "task.shell",
    NAMES: "task.name task.groups[0].name service.groups[0].name service.replicas[0].name tags.a",
    ENTITIES: "fleets[0] service.gateway instances[0].fleet fleets[0].name instances[0]",
    PREFIXES: "rate_limits[0].prefix",
    HEADERS: "rate_limits[0].key.header probes[0].headers[0].name",
    URLS: "probes[0].url",
    CAPABILITIES: "resources.gpu.compute_capability",
    MODELS: "service.model",
    REPLICAS: """service.replicas service.replicas+scaling service.groups[0].replicas service.groups[0].count
        service.replicas[0].count""",
    GROUPS: "service.groups task.groups service.replicas",
}

# Whole documents: how fields get on with each other, and what YAML has to offer.
DOCUMENTS = [
    "",
    "\n",
    "# a comment\n",
    "---\n",
    "~\n",
    "a\n",
    "[]\n",
    "- type: task\n",
    "{}\n",
    "type: task\n",
    "type: dev-environment\n",
    "type: service\n",
    "type: service\nport: 80\n",
    "type: service\nport: 80\nimage: a\n",
    "type: service\nimage: a\n",
    "type: task\nimage: a\n",
    "type: task\nimage: ''\n",
    "type: task\ncommands: []\n",
    "type: task\ncommands: []\nimage: a\n",
    "type: Task\ncommands: [a]\n",
    '"type": "task"\n\'commands\': [a]\n',
    "{type: task, commands: [a]}\n",
    '{"type": "task", "commands": ["a"]}\n',
    "? type\n: task\n? commands\n: [a]\n",
    "type: task\ncommands: [a]\ntype: service\n",
    "type: service\ncommands: [a]\ntype: task\n",
    "type: task\ncommands: [a]\n...\n",
    "type: task\ncommands: [a]\n---\n",
    "type: task\ncommands: [a]\n---\ntype: task\n",
    "%YAML 1.1\n---\ntype: task\ncommands: [a]\n",
    "%YAML 1.2\n---\ntype: task\ncommands: [a]\n",
    "%YAML 2.0\n---\ntype: task\ncommands: [a]\n",
    "%TAG ! tag:a,2000:\n---\ntype: task\ncommands: [a]\n",
    "\ufefftype: task\ncommands: [a]\n",
    "type: task\ncommands: [a]\nx-a: 1\n",
    "type: task\ncommands: [a]\n1: 1\n",
    "type: task\ncommands: [a]\n~: 1\n",
    "type: task\ncommands: [a]\ntrue: 1\n",
    "type: task\ncommands: [a]\n[a]: 1\n",
    "type: task\ncommands: [a]\n{a: b}: 1\n",
    "type: task\ncommands: [a]\n<<: {name: b}\n",
    "type: task\ncommands: [a]\n<<: [{name: b}, {image: c}]\n",
    "type: task\ncommands: [a]\n<<: a\n",
    "type: task\ncommands: [a]\n<<: {nam: b}\n",
    "<<: {type: task}\ncommands: [a]\n",
    "type: task\ncommands: &c [a]\nenv: *c\n",
    "type: task\ncommands: *c\n",
    "type: task\ncommands: &c [a, *c]\n",
    "type: task\ncommands: !!seq [a]\n",
    "type: !!str task\ncommands: [a]\n",
    "type: !x task\ncommands: [a]\n",
    "type: task\ncommands: [!!binary YQ==]\n",
    "type: task\ncommands: !!set {a}\n",
    "type: task\nenv: !!omap [A: b]\ncommands: [a]\n",
    "type: task\ncommands: [!!int a]\n",
    "type: task\ncommands:\n- |\n  a\n   b\n\n- >-\n  c\n  d\n",
    "type: task\ncommands:\n- |2\n    a\n",
    "type: task\ncommands:\n- 'a\n\n  b'\n",
    "type: task\ncommands:\n  - a: b\n",
    "type: task\ncommands:\n  - a:b\n",
    "type: task\ncommands:\n  - a #b\n  - a#b\n",
    "type: task\ncommands:\n  - `a`\n",
    "type: task\ncommands:\n  - @a\n",
    "type: task\ncommands:\n  - %a\n",
    "type: task\ncommands:\n  - -a\n  - --b\n",
    "type: task\ncommands:\n\t- a\n",
    "type: task\ncommands:\n  - a\n - b\n",
    "type: task\ncommands:\n  - a\n   - b\n",
    "type: task\n commands: [a]\n",
    "  type: task\n  commands: [a]\n",
    "type: task\r\ncommands: [a]\r\n",
    "type: task\rcommands: [a]\r",
    "type: task\ncommands: [a]\n\x00",
    "type: task\ncommands: [a\x07]\n",
    "type: task\ncommands: [a\x7f]\n",
    "type: task\ncommands: [a\u0085b]\n",
    "type: task\ncommands: [a\u2028b]\n",
    "type: task\ncommands: [\U0001f600]\n",
    "type: task\ncommands: [\"\\x41\\u0042\\U00000043\\q\"]\n",
    "type: task\ncommands: [\"\\x41\\u0042\\U00000043\"]\n",
    "type: task\ncommands: ['a]\n",
    "type: task\ncommands: [a\n",
    "type: task\ncommands: [a,,b]\n",
    "type: task\ncommands: [a,]\n",
    "type: task\ncommands: [a: b]\n",
    "type: task\ncommands: {a, b}\n",
    "type: task\ncommands: [a]]\n",
    "type: task commands: [a]\n",
    "type: task\ncommands [a]\n",
    "type:task\ncommands: [a]\n",
    "type: task\ncommands: [a]\nresources: {gpu: A100, gpu: H100}\n",
    IDE + "image: a\npython: '3.12'\n",
    TASK + "image: a\npython: '3.12'\n",
    TASK + "image: a\npython: ~\n",
    TASK + "image: ~\npython: '3.12'\n",
    TASK + "image: ''\npython: '3.12'\n",
    TASK + "image: a\nnvcc: true\n",
    TASK + "docker: true\nimage: a\n",
    TASK + "docker: false\nimage: a\n",
    TASK + "docker: 'true'\nimage: a\n",
    TASK + "docker: true\npython: '3.12'\n",
    TASK + "docker: true\nnvcc: true\n",
    TASK + "docker: true\nnvcc: false\n",
    TASK + "docker: true\nprivileged: false\n",
    IDE + "entrypoint: a\n",
    IDE + "entrypoint: ~\n",
    IDE + "version: '1'\n",
    "type: dev-environment\nversion: '1'\n",
    "type: dev-environment\nide: windsurf\nversion: '1'\n",
    "type: dev-environment\nide: windsurf\nversion: 1@abc\n",
    "type: dev-environment\nide: windsurf\nversion: ''\n",
    IDE + "dstack: true\ninactivity_duration: 1h\n",
    IDE + "dstack: true\ninactivity_duration: off\n",
    SERVICE + "replicas: 1..2\n",
    SERVICE + "scaling: {metric: rps, target: 1}\n",
    SERVICE + "scaling: ~\nreplicas: 2\n",
    SERVICE + "replicas: 2\ngroups: [{replicas: 1, commands: [a]}]\n",
    SERVICE + "groups: [{replicas: 1, commands: [a]}]\n",
    "type: service\nport: 80\nimage: a\ngroups: [{replicas: 1}]\n",
    "type: service\nport: 80\nimage: a\ngroups: [{replicas: 1, image: b}]\n",
    "type: service\nport: 80\nimage: a\ngroups: [{replicas: 1, python: '3.12'}]\n",
    "type: service\nport: 80\npython: '3.12'\ngroups: [{replicas: 1, commands: [a], image: b}]\n",
    "type: service\nport: 80\nspot_policy: spot\ngroups: [{replicas: 1, commands: [a], spot_policy: spot}]\n",
    "type: service\nport: 80\nresources: {gpu: 1}\ngroups: [{replicas: 1, commands: [a]}]\n",
    "type: service\nport: 80\nscaling: {metric: rps, target: 1}\ngroups: [{replicas: 1..2, commands: [a]}]\n",
    "type: task\nnodes: 2\ngroups: [{commands: [a]}]\n",
    "type: task\nimage: a\ngroups: [{nodes: 2}]\n",
    "type: task\nports: [80]\ngroups: [{commands: [a]}]\n",
    TASK + "groups: [{commands: [a]}]\n",
    SERVICE + "rate_limits: [{rps: 1}, {prefix: /, rps: 2}]\n",
    SERVICE + "rate_limits: [{prefix: /a, rps: 1}, {prefix: /, rps: 2}]\n",
    SERVICE + "probes: [{type: http}, {type: http}]\n",
    SERVICE + "probes: [{type: http}, {type: http, url: /a}]\n",
    SERVICE + "probes: [{type: http, method: get, body: a}]\n",
    SERVICE + "ports: [80]\n",
    TASK + "port: 80\n",
    IDE + "commands: [a]\n",
    TASK + "init: [a]\n",
    TASK + "backend_options: [{type: vastai}, {type: vastai}]\n",
    TASK + "repos: [., .]\n",
    TASK + "env: [A=1, A=2]\n",
    TASK + "env: [A, A=2]\n",
    TASK + "registry_auth: {username: a}\n",
    TASK + "registry_auth: {password: a}\n",
    TASK + "registry_auth: {username: a, password: b, x: c}\n",
    TASK + "retry: {on_events: [error], x: 1}\n",
    TASK + "utilization_policy: {min_gpu_utilization: 10}\n",
    TASK + "termination_policy: dont-destroy\ntermination_idle_time: 5m\nidle_duration: 1h\n",
]


def split_values(text):
    """The values of a table: separated by blanks that stand neither in quotes nor in brackets; tags and anchors go with
    what follows."""
    values, value, depth, quote = [], "", 0, ""
    for c in text + " ":
        if quote:
            quote = "" if c == quote and not value.endswith("\\") else quote
        elif c in "'\"" and (not value or depth):
            quote = c
        elif c in "[{":
            depth += 1
        elif c in "]}":
            depth -= 1
        elif c.isspace() and depth <= 0:
            if value.startswith(("!!", "&")) and " " not in value:
                value += " "
            elif value:
                values.append(value)
                value = ""
            continue
        value += c
    return list(dict.fromkeys(values))


def all_cases():
    """Every question once."""
    asked = set()
    tables = [(VALUES, PLACES)] + [(table, places.split()) for table, places in GRAMMARS.items()]
    for table, places in tables:
        for place in places:
            for value in split_values(table):
                text = PLACES[place].replace("@", value)
                if text not in asked:
                    asked.add(text)
                    yield Question(f"{place} = {value}", "configuration", text)
    for text in DOCUMENTS:
        yield Question(f"document {text!r}", "configuration", text)


if __name__ == "__main__":
    cases = list(all_cases())
    print(f"{len(cases)} cases at {len(PLACES)} places")
