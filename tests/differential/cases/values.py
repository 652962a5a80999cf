"""The values for the places: all sorts of YAML values, and values that the grammars of dstack distinguish.

A table is one string, with its values separated by blanks.
"""

# All sorts of YAML values, and spellings that YAML 1.1, Python or pydantic read in a special way.
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

# For the many places that take any string, such as those in the configuration of the server.
FEW = """
~ "" a "a" true "yes" off 0 1 -1 "2" 010 1:30 2.0 2.5 1e3 .inf 99999999999999999999 2024-01-01 = /a/b "a b" "é" [] [a] [1] [~] [[a]] {} {a: b}
{a: 1} {1: 2} [{}] [[a, b]] !!str 1 !!int "1" &x 1 ${{secrets.a}} [true] {a: ~} {a: true} {a: [b]}
""".strip()

# Tables for fields that mean the same in all places.
OF_FIELDS = {
    DURATIONS: "idle_duration, max_duration, stop_duration, duration, time_window, auto_cleanup_duration, termination_idle_time, inactivity_duration",
    MEMORY: "memory, shm_size, disk, size, total_memory",
    RANGES: "cpu, count",
    GPUS: "gpu",
    CAPABILITIES: "compute_capability",
    CRONS: "cron",
    ENVS: "env[0], a",
    ENTITIES: "fleets[0], fleet, gateway, instances[0]",
    NAMES: "name",
}


def split_values(text):
    """The values of a table, separated by blanks outside of quotes and brackets; tags and anchors belong to the value
    after them."""
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
