import boto3, botocore, sys
from botocore.exceptions import ClientError

driven = set()


def client(name):
    c = boto3.client(name)
    c.meta.events.register("before-call", lambda model, **_: driven.add(name + " " + model.name))
    return c


def fails(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        got = e.response["Error"]["Code"]
        assert got == code, (got, code, e)
        return
    raise AssertionError("no " + code)


def done():
    print("\n".join(sorted(driven)))
