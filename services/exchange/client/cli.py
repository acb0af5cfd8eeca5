"""`zhixin agency …`: what an agency's clerk, or its nightly job, types."""

import os
import sys
import urllib.parse
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from services.exchange.client import display
from services.exchange.client.command import AsJSON, ProfileName, connected, ending_well, print_json
from services.exchange.client.failures import AgencyError, IncompleteMappingError
from services.exchange.client.package_commands import intake, pack

app = typer.Typer(
    name="agency",
    no_args_is_help=True,
    help="The agency client: log in, push records, pull changes, look grades up, verify receipts.",
)


@app.command()
@ending_well
def login(
    *,
    base_url: Annotated[str, typer.Option("--base-url", help="Address of the platform, such as https://…")],
    client_id: Annotated[str, typer.Option("--client-id", help="Identifier of the credential.")],
    private_key: Annotated[
        Path | None,
        typer.Option(
            "--private-key", help="PEM file of a P-256 key, instead of a secret.", exists=True, dir_okay=False
        ),
    ] = None,
    profile: ProfileName = "default",
    proxy: Annotated[
        str | None, typer.Option("--proxy", help="HTTP proxy; the environment's is not used.")
    ] = None,
    allow_http: Annotated[
        bool,
        typer.Option("--allow-http", help="Allow plain http to another machine, inside a closed network."),
    ] = False,
    as_json: AsJSON = False,
) -> None:
    """Store a credential after proving that it works.

    The secret is read from ZHIXIN_CLIENT_SECRET, or asked for without echo; it is never an argument.
    """
    from services.exchange.client import connection, keyring
    from services.exchange.client.profile import Profile, save_profile

    base_url = connection.checked_base_url(base_url, allow_http=allow_http)
    with connection.client(proxy) as http:
        metadata = connection.fetch_public(http, f"{base_url}/.well-known/oauth-authorization-server")
    endpoint, issuer = metadata.get("token_endpoint"), metadata.get("issuer")
    if not isinstance(endpoint, str) or not isinstance(issuer, str):
        raise AgencyError(f"{base_url} does not describe a token endpoint")
    secret = None
    if private_key is not None:
        connection.read_private_key(private_key)
    else:
        secret = os.environ.get("ZHIXIN_CLIENT_SECRET") or typer.prompt(
            "Client secret", hide_input=True, err=True
        )
    chosen = Profile(
        base_url=base_url,
        issuer=issuer,
        token_path=urllib.parse.urlsplit(endpoint).path,
        client_id=client_id,
        method="private_key_jwt" if private_key else "client_secret_basic",
        client_secret=secret,
        private_key_file=str(private_key.absolute()) if private_key else None,
        proxy=proxy,
    )
    with connection.Connection(chosen) as connected:
        connected.token()
        keyring.refresh_keys(connected)
        scope = connected.scope
    path = save_profile(profile, chosen)
    if as_json:
        print_json({"profile": profile, "base_url": base_url, "client_id": client_id, "scope": scope})
    else:
        display.output().print(
            f"logged in to {base_url} as {client_id}; scopes: {scope}\nprofile {profile}: {path}"
        )


@app.command()
@ending_well
def push(
    *,
    file: Annotated[
        Path, typer.Argument(help="JSON, NDJSON, CSV or XLSX file.", exists=True, dir_okay=False)
    ],
    kind: Annotated[
        str | None, typer.Option("--kind", help="Kind of a table's rows; else the best fit.")
    ] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", help="Name of this push; else made from the file and the kind."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the mapping and the first faults; store nothing.")
    ] = False,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="HEADER=PATH", help="Column for a field; repeatable.")
    ] = None,
    mapping_file: Annotated[
        Path | None,
        typer.Option(
            "--mapping", help="Kind and columns from a file of --save-mapping.", exists=True, dir_okay=False
        ),
    ] = None,
    save_mapping: Annotated[
        Path | None,
        typer.Option("--save-mapping", help="Keep kind and columns in a file.", dir_okay=False),
    ] = None,
    accept_mapping: Annotated[
        bool,
        typer.Option(
            "--accept-mapping", help="Go on though columns are unknown or required fields have none."
        ),
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option("--receipt", help="Where to keep the receipt.", dir_okay=False)
    ] = None,
    verdicts: Annotated[
        Path | None,
        typer.Option("--verdicts", help="Download the full verdict list (NDJSON).", dir_okay=False),
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            "--annotate", help="Write a copy of the table with the faults in their rows.", dir_okay=False
        ),
    ] = None,
    profile: ProfileName = "default",
    as_json: AsJSON = False,
) -> None:
    """Push a file as one batch; run again after an interruption, it goes on and nothing is done twice.

    Exit code 0 also when the platform rejected rows: they are listed with their reasons.
    """
    from services.exchange.client import push as pushing
    from services.exchange.client.mapping_file import read_mapping, write_mapping

    overrides = _overrides(mapping or [])
    if mapping_file is not None:
        kept = read_mapping(mapping_file)
        kind, overrides = kind or kept.kind, kept.columns | overrides
    if idempotency_key is not None and not (idempotency_key.isascii() and idempotency_key.isprintable()):
        raise typer.BadParameter("a key is printable ASCII", param_hint="--idempotency-key")
    with connected(profile, as_json=as_json) as (connection, bars):
        source = pushing.prepare(connection, file, kind=kind, overrides=overrides, key=idempotency_key)
        if not source.tables and (kind or overrides):
            raise typer.BadParameter(
                "the records of a JSON or NDJSON file name their kind and fields themselves"
            )
        if save_mapping is not None and source.tables:
            write_mapping(save_mapping, source.tables)
        if dry_run:
            outcome = pushing.try_out(connection, source, bars, copy_file=annotate)
        else:
            _agree(source.tables, accepted=accept_mapping)
            display.say(f"idempotency key: {source.key}")
            outcome = pushing.push(
                connection,
                source,
                bars,
                receipt_file=receipt,
                verdicts_file=verdicts,
                copy_file=annotate,
            )
    rejected = outcome.batch.counts.get("rejected") or 0
    if as_json:
        print_json(
            {
                "dry_run": dry_run,
                "batch": None if dry_run else outcome.batch.id,
                "idempotency_key": source.key,
                "counts": outcome.batch.counts,
                "rejected": display.rejected_summary(outcome.rejected),
                "receipt_file": str(outcome.receipt_file) if outcome.receipt_file else None,
                "short_rows": outcome.short_rows,
                "annotated": str(annotate) if annotate else None,
                "mapping": display.tables_summary(source.tables),
            }
        )
        return
    console = display.output()
    if dry_run:
        display.show_tables(console, source.tables)
    console.print(display.counts_line(outcome.batch))
    display.show_rejected(console, outcome.rejected, rejected)
    if outcome.short_rows:
        console.print(
            f"{outcome.short_rows} rows have fewer cells than the header; they were sent as they are"
        )
    if annotate is not None:
        console.print(f"annotated copy: {annotate}", soft_wrap=True)
    if dry_run:
        console.print(f"dry run of the first {outcome.records:,} records: nothing was stored")
        return
    if rejected:
        console.print(
            f"{rejected:,} rows were REJECTED and are not on the platform; correct them and push them again"
        )
    console.print(f"batch {outcome.batch.id}\nreceipt (verified): {outcome.receipt_file}", soft_wrap=True)


@app.command()
@ending_well
def pull(
    *,
    after: Annotated[
        str | None, typer.Option("--after", help="Cursor to go on from; else the stored one.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File to append events to; else standard output.", dir_okay=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Events per page.")] = 1000,
    follow: Annotated[bool, typer.Option("--follow", help="Stay and wait for further changes.")] = False,
    from_start: Annotated[bool, typer.Option("--from-start", help="Forget the stored cursor.")] = False,
    profile: ProfileName = "default",
    as_json: AsJSON = False,
) -> None:
    """Pull changes as NDJSON up to the head, and prove that none was missed.

    The cursor moves only after a whole page was written. The closing statement goes to the error stream when events
    go to standard output.
    """
    from services.exchange.client.coverage import Coverage
    from services.exchange.client.pull import pull as pull_changes

    if after and from_start:
        raise typer.BadParameter("--after and --from-start exclude each other")
    coverage = Coverage()
    with connected(profile, as_json=as_json) as (connection, bars):
        bars.begin("pulling", None)
        try:
            pull_changes(
                connection,
                after=after,
                from_start=from_start,
                limit=limit,
                follow=follow,
                output_path=output,
                stream=sys.stdout.buffer,
                coverage=coverage,
                page_done=bars.reach,
                note=display.say,
            )
        except KeyboardInterrupt:
            if not follow:
                raise
    text = msgspec.json.encode(coverage.summary()).decode() if as_json else coverage.statement()
    if output is None:
        display.say(text)
    else:
        typer.echo(text)


@app.command()
@ending_well
def lookup(
    *,
    codes: Annotated[
        list[str] | None, typer.Argument(help="Unified social credit codes; - reads them.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="File with one code a line.", exists=True, dir_okay=False)
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Of one code: say why it has this grade.")
    ] = False,
    profile: ProfileName = "default",
    as_json: AsJSON = False,
) -> None:
    """Look up the grade of one enterprise or of many (arguments, a file, or standard input)."""
    from services.exchange.client.lookup import look_up_many, look_up_one

    wanted = _codes(codes or [], file)
    if not wanted:
        raise typer.BadParameter("give a code, --file, or codes on standard input")
    if explain and len(wanted) > 1:
        raise typer.BadParameter("--explain is for one code")
    with connected(profile, as_json=as_json) as (connection, bars):
        if len(wanted) == 1:
            grade = look_up_one(connection, wanted[0], explain=explain)
            items: list[dict[str, Any]] = [{"uscc": grade.get("uscc"), "found": True, "grade": grade}]
        else:
            bars.begin("looking up", len(wanted))
            items = []
            for item in look_up_many(connection, wanted):
                items.append(item)
                bars.reach(len(items))
    if as_json:
        print_json(items[0]["grade"] if len(wanted) == 1 else {"items": items})
        return
    console = display.output()
    display.show_grades(console, items)
    if explain:
        display.show_explanation(console, items[0]["grade"])


@app.command()
@ending_well
def verify(
    *,
    receipt: Annotated[Path, typer.Argument(help="Receipt file; - reads standard input.", allow_dash=True)],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="JWK set of the platform; else the cached one.", exists=True)
    ] = None,
    body: Annotated[
        Path | None,
        typer.Option("--body", help="The body that was pushed, or the file it was made of.", exists=True),
    ] = None,
    verdicts: Annotated[
        Path | None, typer.Option("--verdicts", help="The verdict list (NDJSON).", exists=True)
    ] = None,
    profile: ProfileName = "default",
    as_json: AsJSON = False,
) -> None:
    """Verify a receipt offline: who pushed which body, when, and what became of it."""
    from services.exchange.client import verification

    text = sys.stdin.read() if str(receipt) == "-" else receipt.read_text(encoding="utf-8", errors="replace")
    proven = verification.prove(text, keys_file=keys, body=body, verdicts=verdicts, profile_name=profile)
    if as_json:
        print_json({"valid": True, "checked": proven.checked, "claims": msgspec.to_builtins(proven.claims)})
    else:
        display.output().print(proven.statement(), soft_wrap=True)


def _overrides(options: list[str]) -> dict[str, str]:
    found = {}
    for option in options:
        header, equals, path = option.rpartition("=")
        if not equals or not header or not path.startswith("/"):
            raise typer.BadParameter(f"{option!r} is not HEADER=/path", param_hint="--map")
        found[header] = path
    return found


def _agree(tables: list[Any], *, accepted: bool) -> None:
    """Nothing is left out unsaid: unknown columns are named, missing required fields stop the push."""
    asked = False
    for table in tables:
        plan = table.plan
        where = f" of sheet {table.sheet}" if table.sheet else ""
        for header in plan.dropped:
            display.say(f"column {header}{where} names persons and is not sent")
        if plan.unmapped:
            named = "、".join(plan.unmapped)
            display.say(f"columns{where} that the catalogue does not know are not sent: {named}")
            asked = True
        if plan.missing and not accepted:
            fields = " ".join(plan.missing)
            raise IncompleteMappingError(
                f"no column{where} fills {fields}, which {plan.kind} requires",
                "name the columns with --map HEADER=/path, look with --dry-run, or go on with --accept-mapping",
            )
    if asked and not accepted and display.is_interactive():
        typer.confirm("Push without them?", abort=True, err=True)


def _codes(arguments: list[str], file: Path | None) -> list[str]:
    lines = [code for code in arguments if code != "-"]
    if file is not None:
        lines += file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if "-" in arguments or (not arguments and file is None and not sys.stdin.isatty()):
        lines += sys.stdin.read().splitlines()
    return [line.strip() for line in lines if line.strip()]


app.command()(pack)
app.command()(intake)
