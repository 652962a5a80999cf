"""Places in the configuration of the server: a table of backends with the fields of each."""

from .places import Place, fields, items, keys, without

API_KEY = {"type": "api_key", "api_key": "a"}
API_TOKEN = {"type": "api_token", "api_token": "a"}
ACCESS_KEY = {"type": "access_key", "access_key": "a", "secret_key": "b"}
AZURE_CLIENT = {"type": "client", "client_id": "a", "client_secret": "b", "tenant_id": "c"}
VERDA = {"type": "api_key", "client_id": "a", "client_secret": "b"}
NEBIUS = {"type": "service_account", "service_account_id": "a", "public_key_id": "b", "private_key_content": "c"}
OCI = {"type": "client", "user": "a", "tenancy": "b", "key_content": "c", "fingerprint": "d", "region": "e"}
SERVICE_ACCOUNT = {"type": "service_account", "filename": "a.json", "data": "'{}'"}
IMAGE = {"name": "a", "owner": "b", "user": "c"}
CLUSTER = {"name": "c", "hostname": "h", "user": "u", "private_key": {"content": "k"}}
KUBECONFIG = {"data": "a"}

# Each backend with its required fields, its other fields, and all sorts of credentials.
BACKENDS = {
    "aws": (
        {"creds": {"type": "default"}},
        "regions vpc_name vpc_ids default_vpcs public_ips iam_instance_profile tags os_images experimental_instance_types",
        [ACCESS_KEY, {"type": "default"}],
    ),
    "azure": (
        {"tenant_id": "t", "subscription_id": "s", "creds": {"type": "default"}},
        "tenant_id subscription_id resource_group regions vpc_ids subnet_ids public_ips vm_managed_identity tags",
        [AZURE_CLIENT, {"type": "default"}],
    ),
    "gcp": (
        {"project_id": "p", "creds": {"type": "default"}},
        "project_id regions vpc_name extra_vpcs roce_vpcs vpc_project_id subnetworks public_ips nat_check vm_service_account tags preview_features tpu",
        [SERVICE_ACCOUNT, {"type": "default"}],
    ),
    "oci": (
        {"creds": {"type": "default"}},
        "regions compartment_id experimental_instance_types",
        [OCI, OCI | {"key_file": "f", "pass_phrase": "p"}, {"type": "default", "file": "f", "profile": "p"}],
    ),
    "kubernetes": ({"kubeconfig": KUBECONFIG}, "kubeconfig networking proxy_jump namespace contexts", []),
    "nebius": (
        {"creds": NEBIUS},
        "projects regions fabrics tags cloud_id folder_id network_id",
        [NEBIUS, NEBIUS | {"private_key_file": "f", "filename": "f"}, {"type": "service_account", "filename": "f", "data": "d"}],
    ),
    "amddevcloud": ({"creds": API_KEY}, "project_name regions", [API_KEY]),
    "digitalocean": ({"creds": API_KEY}, "project_name regions", [API_KEY]),
    "cloudrift": ({"creds": API_KEY}, "regions", [API_KEY]),
    "crusoe": ({"project_id": "p", "creds": ACCESS_KEY}, "project_id regions", [ACCESS_KEY]),
    "cudo": ({"project_id": "p", "creds": API_KEY}, "project_id regions", [API_KEY]),
    "datacrunch": ({"creds": VERDA}, "regions", [VERDA]),
    "daytona": ({"creds": API_KEY}, "regions", [API_KEY]),
    "hotaisle": ({"team_handle": "t", "creds": API_KEY}, "team_handle regions bare_metal", [API_KEY]),
    "jarvislabs": ({"creds": API_KEY}, "regions", [API_KEY]),
    "lambda": ({"creds": API_KEY}, "regions", [API_KEY]),
    "lium": ({"creds": API_KEY}, "regions", [API_KEY]),
    "runpod": ({"creds": API_KEY}, "regions community_cloud", [API_KEY]),
    "seeweb": ({"creds": API_TOKEN}, "regions", [API_TOKEN]),
    "slurm": ({"clusters": [CLUSTER]}, "clusters", []),
    "tensordock": ({"creds": API_KEY | {"api_token": "t"}}, "regions", [API_KEY | {"api_token": "t"}]),
    "vastai": ({"creds": API_KEY}, "regions community_cloud", [API_KEY]),
    "verda": ({"creds": VERDA}, "regions", [VERDA]),
    "vultr": ({"creds": API_KEY}, "regions", [API_KEY]),
    "dstack": ({}, "base_backends", []),
    "local": ({}, "", []),
    "remote": ({}, "", []),
}
BACKEND = ["projects", 0, "backends", 0]
KIND = "server-config"


def with_backend(name, **given):
    return {"projects": [{"name": "main", "backends": [{"type": name, **given}]}]}


def places():
    yield from around()
    for name, (needed, names, credentials) in BACKENDS.items():
        document = with_backend(name, **needed)
        yield from fields(KIND, name, document, BACKEND, f"type {names} creds")
        yield from without(KIND, name, document, BACKEND)
        for creds in credentials:
            document = with_backend(name, **needed | {"creds": creds})
            place = f"{name}.creds {creds['type']}"
            yield from fields(KIND, place, document, [*BACKEND, "creds"], " ".join(creds))
            yield from without(KIND, place, document, [*BACKEND, "creds"])
    yield from inside()


def around():
    """Places outside of backends."""
    document = with_backend("dstack")
    yield from fields(KIND, "server", document, [], "projects encryption default_permissions plugins")
    yield from without(KIND, "server", document)
    yield from items(KIND, "server.projects", document, ["projects"])
    yield from fields(KIND, "server.projects[0]", document, ["projects", 0], "name backends")
    yield from without(KIND, "server.projects[0]", document, ["projects", 0])
    yield from items(KIND, "server.projects[0].backends", document, ["projects", 0, "backends"])
    yield from items(KIND, "server.plugins", {"projects": "[]"}, ["plugins"])
    permissions = "allow_non_admins_create_projects allow_non_admins_manage_ssh_fleets allow_managers_manage_secrets"
    yield from fields(KIND, "server.default_permissions", {"projects": "[]", "default_permissions": {}}, ["default_permissions"], permissions)
    yield from fields(KIND, "server.encryption", {"projects": "[]", "encryption": {}}, ["encryption"], "keys")
    for key in ({"type": "identity"}, {"type": "aes", "name": "k", "secret": "cR2r1JmkPyL6edBQeHKz6ZBjCfS2oWk87Gc2G3wHVoA="}):
        document = {"projects": "[]", "encryption": {"keys": [key]}}
        yield from fields(KIND, f"server.encryption.keys {key['type']}", document, ["encryption", "keys", 0], "type name secret")
        yield from without(KIND, f"server.encryption.keys {key['type']}", document, ["encryption", "keys", 0])
    yield from items(KIND, "server.encryption.keys", {"projects": "[]", "encryption": {"keys": []}}, ["encryption", "keys"])


def inside():
    """Places deeper in a backend."""

    def at(name, path, value):
        document = with_backend(name, **BACKENDS[name][0])
        node = document["projects"][0]["backends"][0]
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
        return document

    for name in ("aws", "azure", "gcp", "nebius"):
        yield from keys(KIND, f"{name}.tags", at(name, ["tags"], {}), [*BACKEND, "tags"])
    for name, field in [("aws", "vpc_ids"), ("azure", "vpc_ids"), ("azure", "subnet_ids"), ("gcp", "subnetworks")]:
        yield from keys(KIND, f"{name}.{field}", at(name, [field], {}), [*BACKEND, field])
    for name, field in [
        ("aws", "regions"), ("aws", "experimental_instance_types"), ("oci", "experimental_instance_types"), ("gcp", "extra_vpcs"),
        ("gcp", "roce_vpcs"), ("gcp", "preview_features"), ("nebius", "projects"), ("nebius", "fabrics"), ("runpod", "regions"),
        ("kubernetes", "contexts"), ("slurm", "clusters"),
    ]:  # fmt: skip
        yield from items(KIND, f"{name}.{field}", at(name, [field], []), [*BACKEND, field])
    for field in ("cpu", "nvidia"):
        images = at("aws", ["os_images"], {field: IMAGE})
        yield from fields(KIND, "aws.os_images", images, [*BACKEND, "os_images"], "cpu nvidia")
        yield from fields(KIND, f"aws.os_images.{field}", images, [*BACKEND, "os_images", field], "name owner user")
        yield from without(KIND, f"aws.os_images.{field}", images, [*BACKEND, "os_images", field])
    yield from fields(KIND, "kubernetes.kubeconfig", at("kubernetes", ["kubeconfig"], KUBECONFIG), [*BACKEND, "kubeconfig"], "filename data")
    yield from without(KIND, "kubernetes.kubeconfig", at("kubernetes", ["kubeconfig"], KUBECONFIG), [*BACKEND, "kubeconfig"])
    for field, value, names in [
        ("networking", {"ssh_host": "h", "ssh_port": "1"}, "ssh_host ssh_port"),
        ("proxy_jump", {"hostname": "h", "port": "1"}, "hostname port"),
    ]:
        document = at("kubernetes", [field], value)
        yield from fields(KIND, f"kubernetes.{field}", document, [*BACKEND, field], names)
        yield from without(KIND, f"kubernetes.{field}", document, [*BACKEND, field])
    context = {"name": "c", "proxy_jump": {"hostname": "h", "port": "1"}}
    document = at("kubernetes", ["contexts"], [context])
    yield from fields(KIND, "kubernetes.contexts[0]", document, [*BACKEND, "contexts", 0], "name proxy_jump namespace")
    yield from without(KIND, "kubernetes.contexts[0]", document, [*BACKEND, "contexts", 0])
    yield from fields(KIND, "kubernetes.contexts[0].proxy_jump", document, [*BACKEND, "contexts", 0, "proxy_jump"], "hostname port")
    yield from clusters(at)


def clusters(at):
    partition = {"gpu": "A100:8", "partitions": ["a"]}
    document = at("slurm", ["clusters"], [CLUSTER | {"port": "22", "gpu_partitions": [partition], "cpu_partitions": ["b"]}])
    cluster = [*BACKEND, "clusters", 0]
    names = "name gpu_partitions cpu_partitions hostname port user private_key"
    yield from fields(KIND, "slurm.clusters[0]", document, cluster, names)
    yield from without(KIND, "slurm.clusters[0]", document, cluster)
    yield from fields(KIND, "slurm.gpu_partitions[0]", document, [*cluster, "gpu_partitions", 0], "gpu partitions")
    yield from without(KIND, "slurm.gpu_partitions[0]", document, [*cluster, "gpu_partitions", 0])
    yield from items(KIND, "slurm.gpu_partitions[0].partitions", document, [*cluster, "gpu_partitions", 0, "partitions"])
    yield from fields(KIND, "slurm.private_key", document, [*cluster, "private_key"], "path content")
    yield from fields(KIND, "slurm.private_key path", document, [*cluster], "private_key")
    for value in ("{}", "{path: a}", "{path: a, content: b}", "{path: ~, content: ~}", "{path: ~, content: b}"):
        text = f"projects:\n- name: m\n  backends:\n  - {{type: slurm, clusters: [{{name: c, hostname: h, user: u, private_key: {value}}}]}}\n"
        yield Place(f"slurm private_key {value}", KIND, text)


SECRETS = """
cR2r1JmkPyL6edBQeHKz6ZBjCfS2oWk87Gc2G3wHVoA= cR2r1JmkPyL6edBQeHKz6ZBjCfS2oWk87Gc2G3wHVoA abc "" YWJj YWJjZA== "YWJj\\n" "a b" 1234 ====
cR2r1JmkPyL6edBQeHKz6Q== cR2r1JmkPyL6edBQeHKz6ZBjCfS2oWk8 é
""".strip()
NAMES = 'a k1 k-1 K_1 "" "a b" 1 é "a:b" aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
TYPES = "default api_key access_key client service_account api_token Default"
KEYS = "{type: identity} {type: aes} {type: aes, name: a, secret: cR2r1JmkPyL6edBQeHKz6ZBjCfS2oWk87Gc2G3wHVoA=} {} {type: x} {name: a} {type: ~}"
PLUGINS = "rest_plugin a [rest_plugin] [rest_plugin, rest_plugin] [a] [1] []"
FEATURES = "[g4] [tpu] [a] g4 [] [G4]"
PORTS = '0 1 22 "22" 65535 65536 -1 1.0 1.5 true a'
GPUS = "A100 A100:8 A100:80GB:8 8 nvidia:A100:2 A100:1..2 A100,H100 {name: A100} {name: A100, count: 8} '' amd 80GB"

ASKED = {
    SECRETS: "server.encryption.keys aes.secret",
    NAMES: "server.encryption.keys aes.name, server.projects[0].name, gcp.project_id",
    TYPES: "aws.creds access_key.type, aws.creds default.type, azure.creds client.type, gcp.creds service_account.type, oci.creds client.type, nebius.creds service_account.type, lambda.creds api_key.type, datacrunch.creds api_key.type",
    KEYS: "server.encryption.keys[0]",
    PLUGINS: "server.plugins",
    FEATURES: "gcp.preview_features",
    PORTS: "kubernetes.proxy_jump.port, kubernetes.networking.ssh_port, slurm.clusters[0].port",
    GPUS: "slurm.gpu_partitions[0].gpu",
}
DOCUMENTS = [(KIND, text) for text in [
    "projects: []\n",
    "projects: ~\n",
    "projects: []\nencryption: ~\n",
    "projects: []\nencryption: {keys: []}\n",
    "projects: []\ndefault_permissions: ~\n",
    "projects:\n- {name: a}\n- {name: a}\n",
    "projects:\n- {name: a, backends: [{type: aws, creds: {type: default}}, {type: aws, creds: {type: default}}]}\n",
    "projects:\n- {name: a, backends: []}\n",
    "projects:\n- {name: a, backends: ~}\n",
    "projects:\n- {name: a, backends: [{}]}\n",
    "projects:\n- {name: a, backends: [{type: [aws], creds: {type: default}}]}\n",
    "projects:\n- {name: a, backends: [{type: aws, creds: {}}]}\n",
    "projects:\n- {name: a, backends: [{type: aws, creds: {access_key: a, secret_key: b}}]}\n",
    "projects:\n- {name: a, backends: [{type: aws, creds: {type: default}, vpc_name: a, vpc_ids: {r: v}}]}\n",
    "projects:\n- {name: a, backends: [{type: aws, creds: {type: default}, vpc_ids: {r: v}, default_vpcs: true}]}\n",
    "projects:\n- {name: a, backends: [{type: gcp, project_id: p, creds: {type: default}, extra_vpcs: [a], vpc_name: b}]}\n",
    "projects:\n- {name: a, backends: [{type: gcp, project_id: p, creds: {type: default}, public_ips: true, nat_check: false}]}\n",
    "projects:\n- {name: a, backends: [{type: azure, tenant_id: t, subscription_id: s, creds: {type: client, client_id: a, client_secret: b}}]}\n",
    "projects:\n- {name: a, backends: [{type: azure, tenant_id: t, subscription_id: s, creds: {type: default}, vpc_ids: {r: g/v}, subnet_ids: {r: s}}]}\n",
    "projects:\n- {name: a, backends: [{type: kubernetes}]}\n",
    "projects:\n- {name: a, backends: [{type: kubernetes, kubeconfig: {data: a}, networking: {}, proxy_jump: {}}]}\n",
    "projects:\n- {name: a, backends: [{type: kubernetes, kubeconfig: {data: a}, proxy_jump: {hostname: h, port: 1}, contexts: [{name: a}]}]}\n",
    "projects:\n- {name: a, backends: [{type: kubernetes, kubeconfig: {data: a}, contexts: [{name: a}, {name: a}]}]}\n",
    "projects:\n- {name: a, backends: [{type: kubernetes, kubeconfig: {data: a}, contexts: [a, a]}]}\n",
    "projects:\n- {name: a, backends: [{type: kubernetes, kubeconfig: {data: a}, contexts: []}]}\n",
    "projects:\n- {name: a, backends: [{type: slurm, clusters: [{name: a, hostname: h, user: u, private_key: {content: k}}, {name: a, hostname: h, user: u, private_key: {content: k}}]}]}\n",
    "projects:\n- {name: a, backends: [{type: slurm, clusters: []}]}\n",
    "projects: []\nencryption: {keys: [{type: identity}, {type: identity}]}\n",
    "projects: []\nextra: 1\n",
    "{}\n",
]]
