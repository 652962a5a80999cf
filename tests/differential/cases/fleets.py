"""Places in fleets."""

from .places import Place, fields, items, keys, without

FLEET = {"type": "fleet", "name": "f"}
CLOUD = FLEET | {"nodes": "1"}
HOST = {"hostname": "h", "user": "u", "identity_file": "~/.ssh/id"}
KEY = {"public": "a", "private": "b"}

FLEET_FIELDS = """
type name env ssh_config nodes placement reservation resources blocks backends regions availability_zones instance_types
spot_policy retry max_price idle_duration tags backend_options termination_policy termination_idle_time
"""


def ssh(**config):
    return FLEET | {"ssh_config": config}


def places():
    kind = "configuration"
    yield from fields(kind, "fleet", CLOUD, [], FLEET_FIELDS)
    yield from without(kind, "fleet", CLOUD)
    for field in "backends regions availability_zones instance_types env backend_options".split():
        yield from items(kind, f"fleet.{field}", CLOUD, [field])
    yield from keys(kind, "fleet.tags", CLOUD, ["tags"])
    yield from keys(kind, "fleet.env", CLOUD, ["env"])
    yield Place("fleet.env.A.key", kind, "type: fleet\nnodes: 1\nenv:\n  A:\n    key: @\n")
    yield from fields(kind, "fleet.nodes", FLEET | {"nodes": {}}, ["nodes"], "min target max")
    yield from fields(kind, "fleet.nodes 1..3", FLEET | {"nodes": {"min": "1", "target": "2", "max": "3"}}, ["nodes"], "min target max")
    yield from fields(kind, "fleet.retry", CLOUD | {"retry": {"on_events": "[error]"}}, ["retry"], "on_events duration")
    options = CLOUD | {"backend_options": [{"type": "vastai"}]}
    yield from fields(kind, "fleet.backend_options[0]", options, ["backend_options", 0], "type offer_order min_reliability min_score")
    resources = CLOUD | {"resources": {}}
    yield from fields(kind, "fleet.resources", resources, ["resources"], "cpu memory shm_size gpu disk")
    yield from fields(kind, "fleet.resources.cpu", CLOUD | {"resources": {"cpu": {}}}, ["resources", "cpu"], "arch count min max")
    gpu = "vendor name count memory total_memory compute_capability"
    yield from fields(kind, "fleet.resources.gpu", CLOUD | {"resources": {"gpu": {}}}, ["resources", "gpu"], gpu)
    yield from fields(kind, "fleet.resources.disk", CLOUD | {"resources": {"disk": {}}}, ["resources", "disk"], "size")
    yield from ssh_fleets()


def ssh_fleets():
    kind = "configuration"
    host = "hostname port user identity_file ssh_key proxy_jump internal_ip blocks"
    yield from fields(kind, "ssh_config", ssh(hosts=["h"]), ["ssh_config"], "user port identity_file ssh_key proxy_jump hosts network")
    yield from without(kind, "ssh_config", ssh(hosts=["h"]), ["ssh_config"])
    yield from items(kind, "ssh_config.hosts", ssh(hosts=["h"]), ["ssh_config", "hosts"])
    yield from fields(kind, "ssh_config.hosts[0]", ssh(hosts=[HOST]), ["ssh_config", "hosts", 0], host)
    yield from without(kind, "ssh_config.hosts[0]", ssh(hosts=[HOST]), ["ssh_config", "hosts", 0])
    for name, document, path in [
        ("ssh_config.proxy_jump", ssh(hosts=["h"], proxy_jump=HOST), ["ssh_config", "proxy_jump"]),
        ("ssh_config.hosts[0].proxy_jump", ssh(hosts=[HOST | {"proxy_jump": HOST}]), ["ssh_config", "hosts", 0, "proxy_jump"]),
    ]:
        yield from fields(kind, name, document, path, "hostname port user identity_file ssh_key")
        yield from without(kind, name, document, path)
    for name, document, path in [
        ("ssh_config.ssh_key", ssh(hosts=["h"], ssh_key=KEY), ["ssh_config", "ssh_key"]),
        ("ssh_config.hosts[0].ssh_key", ssh(hosts=[HOST | {"ssh_key": KEY}]), ["ssh_config", "hosts", 0, "ssh_key"]),
        ("proxy_jump.ssh_key", ssh(hosts=["h"], proxy_jump=HOST | {"ssh_key": KEY}), ["ssh_config", "proxy_jump", "ssh_key"]),
    ]:
        yield from fields(kind, name, document, path, "public private")
        yield from without(kind, name, document, path)
    both = ssh(hosts=[HOST | {"internal_ip": "10.0.0.1"}, HOST | {"internal_ip": "10.0.0.2"}])
    yield from fields(kind, "two hosts", both, ["ssh_config", "hosts", 1], "hostname internal_ip")


# The values for these places, besides the common ones.
HOSTS = 'h 1.2.3.4 h:22 u@h "" {hostname: h} {user: u} {hostname: h, user: u} {hostname: h, x: 1} {hostname: ~} [h] {hostname: 1}'
ADDRESSES = """
10.0.0.1 192.168.1.2 172.16.0.1 172.32.0.1 8.8.8.8 127.0.0.1 0.0.0.0 10.0.0 10.0.0.256 10.0.0.01 "10.0.0.1 " fd00::1 ::1 "::1" fe80::1
"fe80::1%eth0" 169.254.0.1 100.64.0.1 240.0.0.1 224.0.0.1 255.255.255.255 198.18.0.1 192.0.2.1 203.0.113.1 2001:db8::1 "fd00::1" 192.0.0.1
10.0.0.1/32 10.0.0.0/24 192.0.0.9 192.0.0.170 "::ffff:10.0.0.1" "::ffff:8.8.8.8"
""".strip()
NETWORKS = """
10.0.0.0/8 10.0.0.0/24 10.0.0.1/24 10.0.0.0 10.0.0.0/33 10.0.0.0/0 0.0.0.0/0 8.8.8.0/24 192.168.0.0/16 192.168.0.0/15 172.16.0.0/12
172.16.0.0/11 "10.0.0.0/255.0.0.0" "10.0.0.0/0.0.0.255" 10.0.0.0/-1 10.0.0.0/a "fd00::/8" "fe80::/10" "::/0" "2001:db8::/32" 10.0.0.0/8/8
"10.0.0.0 /8" "10.0.0.0/08" 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 10/8 "" / 192.0.0.0/29 198.18.0.0/15
""".strip()
NODES = """
1 0 -1 "2" "1..2" 1..2 0.. ..2 .. 2..1 "1 .. 2" 1...2 two "two" 2.5 2.0 "2.5" true {min: 1} {min: 1, max: 2} {min: 2, max: 1} {max: 2}
{target: 2} {min: 1, target: 0} {min: 1, target: 2} {min: 1, target: 3, max: 2} {min: 1, target: 2, max: 2} {min: -1} {min: ~, max: 2}
{min: 1, max: ~} {min: ~, max: ~} {target: ~} {min: "1", max: "2"} {min: 1.5} {min: 1, foo: 2} [1] {min: 0, max: 0} {max: 0} {max: -1}
{min: 1, target: -1} {min: a} 0..0 -1..2 "1_0" "+1"
""".strip()
BLOCKS = '1 0 -1 2 auto Auto "auto" "2" "0" 2.0 2.5 "2.5" true false all 1..2 [1] {} "" " 2" 1_0'
BACKENDS = """
aws azure cloudrift crusoe cudo datacrunch digitalocean amddevcloud dstack gcp hotaisle kubernetes lambda local remote nebius oci runpod slurm
tensordock vastai verda vultr jarvislabs seeweb daytona lium AWS "aws "
""".strip()

ASKED = {
    HOSTS: "ssh_config.hosts[0]",
    ADDRESSES: "ssh_config.hosts[0].internal_ip, two hosts.internal_ip",
    NETWORKS: "ssh_config.network",
    NODES: "fleet.nodes",
    BLOCKS: "fleet.blocks, ssh_config.hosts[0].blocks, fleet.nodes.min, fleet.nodes.max, fleet.nodes.target",
    BACKENDS: "fleet.backends[0], fleet.backends",
}
# Documents about more than one field.
DOCUMENTS = [
    "type: fleet\n",
    "type: fleet\nname: f\n",
    "type: fleet\nnodes: 1\nssh_config: {hosts: [h]}\n",
    "type: fleet\nnodes: 1\nssh_config: ~\n",
    "type: fleet\nnodes: ~\nssh_config: {hosts: [h]}\n",
    "type: fleet\nssh_config: {hosts: []}\n",
    "type: fleet\nssh_config: {hosts: [h, h]}\n",
    "type: fleet\nssh_config: {hosts: [{hostname: h}, {hostname: h}]}\n",
    "type: fleet\nssh_config: {hosts: [{hostname: h, internal_ip: 10.0.0.1}, {hostname: g}]}\n",
    "type: fleet\nssh_config: {network: 10.0.0.0/8, hosts: [{hostname: h, internal_ip: 10.0.0.1}]}\n",
    "type: fleet\nssh_config: {hosts: [{hostname: h, internal_ip: 10.0.0.1}, {hostname: g, internal_ip: 10.0.0.1}]}\n",
    "type: fleet\nplacement: cluster\nssh_config: {hosts: [h]}\n",
    "type: fleet\nnodes: 1\ntermination_policy: dont-destroy\ntermination_idle_time: 5m\nidle_duration: 1h\n",
    "type: fleet\nnodes: 1\nbackend_options: [{type: vastai}, {type: vastai}]\n",
    "type: fleet\nnodes: 1\ncommands: [a]\n",
    "type: fleet\nnodes: 1\nenv: [A=1, A=2]\n",
    "type: fleet\nnodes: {min: 1, min: 2}\n",
    "type: fleet\nssh_config: &s {hosts: [h]}\nenv: *s\n",
]
