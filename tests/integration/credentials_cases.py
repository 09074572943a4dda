"""Environments and profile files, and whose keys come out of them. FOLDER stands for the files' folder, URL for the
scripted AWS."""

from dataclasses import dataclass, field

from support.scripted_aws import AGENT_TOKEN, secret_of

ROLE = "arn:aws:iam::123456789012:role/logs"
OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
BY = f"role_arn = {ROLE}\nsource_profile = "
OTHER_BY = f"role_arn = {OTHER_ROLE}\nsource_profile = "
FROM = f"role_arn = {ROLE}\ncredential_source = "
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": secret_of("AKIA1")}
WEB_IDENTITY = {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/token"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/agent", "AWS_CONTAINER_AUTHORIZATION_TOKEN": AGENT_TOKEN}
INSTANCE = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "URL"}


def keys(access_key: str, token: str = "") -> str:
    lines = f"aws_access_key_id = {access_key}\naws_secret_access_key = {secret_of(access_key)}\n"
    return lines + (f"aws_session_token = {token}\n" if token else "")


def printed(access_key: str, more: str = "") -> str:
    return f'{{"Version": 1, "AccessKeyId": "{access_key}", "SecretAccessKey": "{secret_of(access_key)}"{more}}}'


@dataclass(frozen=True)
class Case:
    name: str
    access_key: str | None  # None: refused; ASIA: what STS gives
    credentials: str = ""
    config: str = ""
    environment: dict[str, str] = field(default_factory=dict)


CASES = [
    # Where the keys stand.
    Case("default in the credentials file", "AKIA1", f"[default]\n{keys('AKIA1')}"),
    Case("default in the config file", "AKIA1", config=f"[default]\n{keys('AKIA1')}"),
    Case("the credentials file comes first", "AKIA1", f"[default]\n{keys('AKIA1')}", f"[default]\n{keys('AKIA2')}"),
    Case("the later default of the config file counts", "AKIA2",
         config=f"[default]\n{keys('AKIA1')}[profile default]\n{keys('AKIA2')}"),
    Case("the later default counts alone", None,
         config=f"[default]\n{keys('AKIA1')}[profile default]\nregion = eu-west-1\n"),
    Case("a named profile", "AKIA2", f"[default]\n{keys('AKIA1')}[x]\n{keys('AKIA2')}",
         environment={"AWS_PROFILE": "x"}),
    Case("a named profile in the config file", "AKIA2", config=f"[x]\n{keys('AKIA1')}[profile x]\n{keys('AKIA2')}",
         environment={"AWS_PROFILE": "x"}),
    Case("the default profile's variable comes first", "AKIA2", f"[x]\n{keys('AKIA1')}[y]\n{keys('AKIA2')}",
         environment={"AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "y"}),
    Case("a name in quotes", "AKIA1", config=f'[profile "with a space"]\n{keys("AKIA1")}',
         environment={"AWS_PROFILE": "with a space"}),
    Case("a name of two words is none", None, config=f"[profile a b]\n{keys('AKIA1')}",
         environment={"AWS_PROFILE": "a b"}),
    Case("no such profile", None, f"[default]\n{keys('AKIA1')}", environment={"AWS_PROFILE": "x"}),
    Case("no such profile, though there are keys", None, environment=KEYS | {"AWS_PROFILE": "x"}),
    Case("the environment comes before a profile", "AKIA1", f"[x]\n{keys('AKIA2')}",
         environment=KEYS | {"AWS_PROFILE": "x"}),
    Case("nothing anywhere", None),
    Case("an empty file", None, "", ""),
    # How it is written.
    Case("a session token", "AKIA1", f"[default]\n{keys('AKIA1', 'to/ken+=')}"),
    Case("the older name of the token comes first", "AKIA1",
         f"[default]\n{keys('AKIA1', 'new')}aws_security_token = old\n"),
    Case("comments, blank lines and other signs", "AKIA1",
         f"# one\n; two\n\n[default]  # three\n# four = five\nAWS_ACCESS_KEY_ID:AKIA1\n"
         f"\naws_secret_access_key={secret_of('AKIA1')}"),
    Case("lines that end with CR LF", "AKIA1", f"[default]\n{keys('AKIA1')}".replace("\n", "\r\n")),
    Case("signs inside a value", "AKIA1#x",
         "[default]\naws_access_key_id = AKIA1#x\naws_secret_access_key = sk-AKIA1#x\n"),
    Case("what all sections inherit", "AKIA1", f"[DEFAULT]\naws_secret_access_key = {secret_of('AKIA1')}\n"
         "[default]\naws_access_key_id = AKIA1\n"),
    Case("a group beside the keys", "AKIA1",
         config=f"[default]\ns3 =\n  max_concurrent_requests = 20\n{keys('AKIA1')}"),
    Case("a group that is none", None, config=f"[default]\ns3 =\n  nonsense\n{keys('AKIA1')}"),
    Case("an indented line goes on", None, f"[default]\naws_access_key_id = AKIA1\n  aws_secret_access_key = x\n"),
    Case("nothing before the first section", None, keys("AKIA1")),
    Case("a line that is nothing", None, f"[default]\n{keys('AKIA1')}nonsense\n"),
    Case("a section twice", None, f"[default]\n{keys('AKIA1')}[default]\nregion = x\n"),
    Case("a name twice", None, f"[default]\n{keys('AKIA1')}aws_access_key_id = AKIA2\n"),
    Case("a mistake in the other file", None, f"[default]\n{keys('AKIA1')}", "nonsense"),
    Case("a mistake that nothing needs", None, "nonsense",
         environment=KEYS),
    Case("an id without a secret", None, "[default]\naws_access_key_id = AKIA1\n", f"[default]\n{keys('AKIA2')}"),
    Case("a secret without an id is passed over", "AKIA2", "[default]\naws_secret_access_key = x\n",
         f"[default]\n{keys('AKIA2')}"),
    # Roles.
    Case("a role by another profile", "ASIA", f"[base]\n{keys('AKIA1')}",
         f"[profile r]\n{BY}base\n", {"AWS_PROFILE": "r"}),
    Case("all that a role may say", "ASIA", f"[default]\n{keys('AKIA1', 'token')}",
         f"[profile r]\n{BY}default\nexternal_id = a b&c=d+é\nrole_session_name = me\n"
         "duration_seconds = 900\n", {"AWS_PROFILE": "r"}),
    Case("a duration that is no number", "ASIA", f"[default]\n{keys('AKIA1')}",
         f"[profile r]\n{BY}default\nduration_seconds = long\n", {"AWS_PROFILE": "r"}),
    Case("a role of a role", "ASIA", f"[base]\n{keys('AKIA1')}",
         f"[default]\n{BY}mid\n[profile mid]\n{OTHER_BY}base\n"),
    Case("a role before the profile's own keys", "ASIA", f"[default]\n{keys('AKIA1')}",
         f"[default]\n{BY}default\n"),
    Case("a role in the credentials file", "ASIA", f"[r]\n{BY}b\n[b]\n{keys('AKIA1')}",
         environment={"AWS_PROFILE": "r"}),
    Case("keys in the middle end the chain", "ASIA", f"[mid]\n{keys('AKIA1')}",
         f"[default]\n{BY}mid\n[profile mid]\n{OTHER_BY}nowhere\n"),
    Case("roles in a circle", None, config=f"[default]\n{BY}b\n"
         f"[profile b]\n{BY}default\n"),
    Case("a role of itself without keys", None, config=f"[default]\n{BY}default\n"),
    Case("a role of nobody", None, config=f"[default]\nrole_arn = {ROLE}\n"),
    Case("a role of nobody beside keys", None, f"[default]\n{keys('AKIA1')}", f"[default]\nrole_arn = {ROLE}\n"),
    Case("a role of two", None, f"[b]\n{keys('AKIA1')}",
         f"[default]\n{BY}b\ncredential_source = Environment\n"),
    Case("a source that is not there", None, config=f"[default]\n{BY}b\n"),
    Case("a source without keys", None, config=f"[default]\n{BY}b\n[profile b]\nregion = x\n"),
    Case("a role that STS refuses", None, f"[b]\n{keys('AKIA1')}", f"[default]\n{BY}b\n",
         {"REFUSED": "yes"}),
    Case("a role by the environment's keys is passed over for them", "AKIA1",
         config=f"[default]\n{FROM}Environment\n",
         environment=KEYS),
    Case("a role by the environment without keys", None, config=f"[default]\n{FROM}Environment\n"),
    Case("a role by the container", "ASIA", config=f"[default]\n{FROM}EcsContainer\n",
         environment=CONTAINER),
    Case("a role by the container that there is not", None,
         config=f"[default]\n{FROM}EcsContainer\n"),
    Case("a role by the instance", "ASIA", config=f"[default]\n{FROM}Ec2InstanceMetadata\n",
         environment=INSTANCE),
    Case("a source of no such name", None, config=f"[default]\n{FROM}environment\n",
         environment=CONTAINER),
    # Web identity.
    Case("a web identity", "ASIA", environment=WEB_IDENTITY),
    Case("a web identity with a name", "ASIA", environment=WEB_IDENTITY | {"AWS_ROLE_SESSION_NAME": "me"}),
    Case("a web identity before a profile's keys", "ASIA", f"[default]\n{keys('AKIA1')}",
         environment=WEB_IDENTITY),
    Case("a profile's role before a web identity", "ASIA", f"[b]\n{keys('AKIA1')}",
         f"[default]\n{OTHER_BY}b\n",
         WEB_IDENTITY),
    Case("a web identity of the profile", "ASIA",
         config=f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = FOLDER/token\nrole_session_name = me\n"),
    Case("a token of the environment with a role of the profile", "ASIA",
         config=f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = nowhere\n",
         environment={"AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/token"}),
    Case("a role by a profile with a web identity", "ASIA",
         config=f"[default]\n{BY}b\n"
         f"[profile b]\nrole_arn = {OTHER_ROLE}\nweb_identity_token_file = FOLDER/token\n"),
    Case("a source profile does not look at the environment", "ASIA",
         f"[b]\n{keys('AKIA1')}", f"[default]\n{OTHER_BY}b\n",
         WEB_IDENTITY),
    Case("a web identity without a role", None, environment={"AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/token"}),
    Case("a web identity without its file", None,
         environment={"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/nowhere"}),
    # Programs.
    Case("a program", "AKIA1", config=f"[default]\ncredential_process = echo '{printed('AKIA1')}'\n"),
    Case("a program with a token and a time", "AKIA1", config="[default]\ncredential_process = echo '"
         + printed("AKIA1", ', "SessionToken": "t", "Expiration": "2099-01-01T00:00:00+00:00"') + "'\n"),
    Case("words as a shell takes them", "AKIA1",
         config="[default]\ncredential_process = \"FOLDER/a program\" one' two' "
         "\"three \\\"four\\\"\" five\\ six $HOME * ''\n"),
    Case("no shell runs it", None, config=f"[default]\ncredential_process = echo '{printed('AKIA1')}' | cat ; true\n"),
    Case("keys of the credentials file before a program", "AKIA1", f"[default]\n{keys('AKIA1')}",
         f"[default]\ncredential_process = echo '{printed('AKIA2')}'\n"),
    Case("a program before keys of the config file", "AKIA2",
         config=f"[default]\n{keys('AKIA1')}credential_process = echo '{printed('AKIA2')}'\n"),
    Case("a role by a program", "ASIA", config=f"[default]\n{BY}b\n"
         f"[profile b]\ncredential_process = echo '{printed('AKIA1')}'\n"),
    Case("a program that fails", None, config="[default]\ncredential_process = false\n"),
    Case("a program that is not there", None, config="[default]\ncredential_process = no-such-program\n"),
    Case("a program that prints nonsense", None, config="[default]\ncredential_process = echo nonsense\n"),
    Case("a program of another version", None,
         config="[default]\ncredential_process = echo '" + printed("AKIA1").replace("1,", "2,", 1) + "'\n"),
    Case("a program that gives half", None,
         config="""[default]\ncredential_process = echo '{"Version": 1, "AccessKeyId": "AKIA1"}'\n"""),
    Case("a quotation that is left open", None, config="[default]\ncredential_process = echo 'x\n"),
    Case("single sign-on", None, config="[default]\nsso_start_url = https://127.0.0.1\nsso_region = us-east-1\n"
         f"sso_account_id = 123456789012\nsso_role_name = r\n{keys('AKIA1')}"),
    # The machine.
    Case("a container", "ASIAAGENT", environment={
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/agent?x=y", "AWS_CONTAINER_AUTHORIZATION_TOKEN": AGENT_TOKEN}),
    Case("a container with a token's file", "ASIAAGENT", environment={
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/agent", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "FOLDER/agent-token"}),
    Case("a profile before the container", "AKIA1", f"[default]\n{keys('AKIA1')}", environment=CONTAINER),
    Case("a container's token with a line's end", None, environment={
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/agent",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "FOLDER/token-line"}),
    Case("a container somewhere else", None, environment={
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/agent"}),
    Case("an instance", "ASIAMETADATA", environment=INSTANCE),
    Case("an instance by an address with a slash", "ASIAMETADATA", environment={
        "AWS_EC2_METADATA_DISABLED": "no", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "URL/"}),
    Case("a container before the instance", "ASIAAGENT", environment=CONTAINER | INSTANCE),
]  # fmt: skip
