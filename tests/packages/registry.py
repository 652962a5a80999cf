"""A local registry of npm packages that has the tarballs of a folder and nothing else."""

import base64
import hashlib
import json
import tarfile
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry:
    """Within `with`, `address` is its address, and `asked` lists the requested names."""

    def __init__(self, tarballs):
        self.asked = []
        self.tarballs = {file.name: file for file in tarballs}

    def __enter__(self):
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer = registry.answer(urllib.parse.unquote(self.path).lstrip("/"))
                self.send_response(200 if answer else 404)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path):
        self.asked.append(path)
        if path in self.tarballs:
            return self.tarballs[path].read_bytes()
        versions = {}
        for file in self.tarballs.values():
            with tarfile.open(file) as tar:
                manifest = json.load(tar.extractfile("package/package.json"))
            if manifest["name"] == path:
                digest = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
                manifest["dist"] = {"tarball": self.address + file.name, "integrity": f"sha512-{digest}"}
                versions[manifest["version"]] = manifest
        if not versions:
            return b""
        return json.dumps({"name": path, "dist-tags": {"latest": max(versions)}, "versions": versions}).encode()
