"""The deployment of the product: what infra/deploy and infra/secrets do.

Python with boto3 rather than a script over the AWS command line: the answers are data, the secrets never are
arguments of a process, and the whole of it runs in tests against moto, an AWS on one machine.
"""
