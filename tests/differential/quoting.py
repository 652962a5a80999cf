"""Reads JSON lines {"value", "texts"} and asks PyYAML whether each text is read as one that holds the string `value`
in all the places where a string stands. Prints the texts of which that is not so, then how many were asked.
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
