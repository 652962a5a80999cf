"""Places in volumes and gateways."""

from .places import fields, items, keys, without

VOLUME = {"type": "volume", "name": "v", "region": "r", "size": "10GB"}
GATEWAY = {"type": "gateway", "name": "g", "backend": "aws", "region": "r"}
VOLUME_FIELDS = """
type name backend region size volume_id availability_zone auto_cleanup_duration tags claim_name storage_class_name
access_modes read_only
"""
GATEWAY_FIELDS = """
type name default backend region domain public_ip certificate tags router instance_type replicas load_balancer
"""
# Each has its own fields since 0.20.17; some have no volumes.
VOLUME_BACKENDS = "aws gcp runpod kubernetes daytona lium azure local".split()


def places():
    yield from volumes()
    yield from gateways()


def volumes():
    kind = "configuration"
    for backend in VOLUME_BACKENDS:
        document = VOLUME | {"backend": backend}
        yield from fields(kind, f"volume {backend}", document, [], VOLUME_FIELDS)
        yield from without(kind, f"volume {backend}", document)
        bare = {"type": "volume", "backend": backend}
        yield from fields(kind, f"bare volume {backend}", bare, [], "region size volume_id claim_name availability_zone name")
    yield from keys(kind, "volume.tags", VOLUME | {"backend": "aws"}, ["tags"])
    yield from items(kind, "volume.access_modes", VOLUME | {"backend": "kubernetes"}, ["access_modes"])
    yield from without(kind, "volume", VOLUME)


def gateways():
    kind = "configuration"
    yield from fields(kind, "gateway", GATEWAY, [], GATEWAY_FIELDS)
    yield from without(kind, "gateway", GATEWAY)
    yield from keys(kind, "gateway.tags", GATEWAY, ["tags"])
    for certificate in ("lets-encrypt", "acm", "gcp-cm"):
        document = GATEWAY | {"certificate": {"type": certificate, "arn": "a", "name": "n"}}
        yield from fields(kind, f"certificate {certificate}", document, ["certificate"], "type arn name")
        yield from without(kind, f"certificate {certificate}", document, ["certificate"])
        document = GATEWAY | {"certificate": {"type": certificate}}
        yield from fields(kind, f"bare certificate {certificate}", document, ["certificate"], "type arn name")
    router = GATEWAY | {"router": {"type": "sglang"}}
    yield from fields(kind, "gateway.router", router, ["router"], "type policy")
    yield from without(kind, "gateway.router", router, ["router"])
    yield from fields(kind, "gateway.load_balancer", GATEWAY | {"load_balancer": {}}, ["load_balancer"], "type")


# The values for these places, besides the common ones.
CERTIFICATES = """
{type: lets-encrypt} {type: acm} {type: acm, arn: a} {type: acm, arn: ""} {type: gcp-cm} {type: gcp-cm, name: a} {arn: a} {name: a} {} {type: none}
{type: lets-encrypt, arn: a} {type: LETS-ENCRYPT} {type: ~} {type: acm, arn: 1} {type: acm, arn: ~} {type: 1} {type: [acm]}
""".strip()
MODES = "[ReadWriteOnce] [ReadOnlyMany] [ReadWriteMany] [ReadWriteOncePod] [readwriteonce] [ReadWriteOnce, ReadOnlyMany] [ReadWriteOnce, ReadWriteOnce] ReadWriteOnce"
BACKENDS = """
aws azure cloudrift crusoe cudo datacrunch digitalocean amddevcloud dstack gcp hotaisle kubernetes lambda local remote nebius oci runpod slurm
tensordock vastai verda vultr jarvislabs seeweb daytona lium AWS "aws "
""".strip()
REPLICAS = '1 0 -1 2 9 10 "2" 2.0 2.5 true 1..2 a'

ASKED = {
    CERTIFICATES: "gateway.certificate",
    MODES: "volume kubernetes.access_modes",
    BACKENDS: "gateway.backend, volume aws.backend",
    REPLICAS: "gateway.replicas",
}
DOCUMENTS = [
    "type: volume\n",
    "type: volume\nbackend: aws\n",
    "type: volume\nbackend: ~\nregion: r\nsize: 1\n",
    "type: volume\nbackend: [aws]\nregion: r\nsize: 1\n",
    "type: volume\nbackend: 1\nregion: r\nsize: 1\n",
    "type: volume\nbackend: true\nregion: r\nsize: 1\n",
    "type: volume\nbackend: {}\nregion: r\nsize: 1\n",
    "type: volume\nbackend: aws\nregion: r\nvolume_id: a\nsize: 1\n",
    "type: volume\nbackend: kubernetes\nclaim_name: a\nsize: 1\n",
    "type: volume\nbackend: kubernetes\nclaim_name: a\nsize: 1\nread_only: true\n",
    "type: volume\nbackend: kubernetes\nclaim_name: a\naccess_modes: [ReadWriteOnce]\nstorage_class_name: b\n",
    "type: volume\nbackend: runpod\nregion: r\nvolume_id: a\navailability_zone: b\n",
    "type: gateway\n",
    "type: gateway\nname: g\nbackend: aws\nregion: r\ncertificate: {type: acm, arn: a}\nload_balancer: {type: alb}\npublic_ip: false\n",
    "type: gateway\nname: g\nbackend: kubernetes\nregion: r\ncertificate: {type: acm, arn: a}\n",
    "type: gateway\nname: g\nbackend: aws\nregion: r\nreplicas: 2\ncertificate: {type: lets-encrypt}\n",
    "type: gateway\nname: g\nbackend: gcp\nregion: r\nload_balancer: {type: alb}\n",
]
