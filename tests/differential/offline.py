"""Prevents releases of dstack from using the network while they are imported, so that answers depend on their code alone.

gpuhunt 0.1.13, which 0.19.40 pins, requests the GPUs of Runpod when the configuration of the server is imported; if the
request fails, so does the import. It gets an empty answer.
"""

import requests


class Nothing(dict):
    """An answer in which every value is empty."""

    def __missing__(self, key):
        return Nothing()

    def json(self):
        return self

    def raise_for_status(self):
        pass


requests.post = requests.get = requests.request = lambda *_, **__: Nothing()
