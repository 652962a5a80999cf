"""Reads JSON lines {"value", "texts"} and checks that PyYAML reads the string `value` in each place of each text that
has a string. Prints the texts for which that is not true, then the number of texts.
"""

import json
import sys

import yaml


def strings(data):
    if isinstance(data, dict):
        for key, value in data.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(data, list):
        for item in data:
            yield from strings(item)
    else:
        yield data


def main():
    asked = 0
    for line in sys.stdin:
        case = json.loads(line)
        for text in case["texts"]:
            asked += 1
            try:
                found = set(strings(yaml.safe_load(text)))
            except yaml.YAMLError as error:
                found = {repr(error)}
            if found != {case["value"]}:
                print(json.dumps({"text": text, "value": case["value"], "found": repr(found)}))
    print(asked)


if __name__ == "__main__":
    main()
