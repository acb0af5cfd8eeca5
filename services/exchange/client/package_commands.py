"""`zhixin agency pack` and `intake`: for agencies without a line, whose pushes travel on a medium."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.exchange.client import display
from services.exchange.client.command import AsJSON, ProfileName, connected, ending_well, print_json


@ending_well
def pack(
    *,
    file: Annotated[
        Path, typer.Argument(help="CSV, XLSX, JSON or NDJSON file.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="The package to write.", dir_okay=False)],
    kind: Annotated[
        str | None, typer.Option("--kind", help="Kind of a table's rows; a table needs it.")
    ] = None,
    private_key: Annotated[
        Path | None,
        typer.Option("--private-key", help="PEM file of the credential's key; else the profile's."),
    ] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", help="The credential; else the profile's.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", help="The platform's issuer; else the profile's.")
    ] = None,
    seal_for: Annotated[
        Path | None,
        typer.Option(
            "--seal-for",
            help="The platform's package keys (JWK set): only it can read the body.",
            exists=True,
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", help="Name of this push; else made from the file and the kind."),
    ] = None,
    profile: ProfileName = "default",
    as_json: AsJSON = False,
) -> None:
    """Pack a file, signed by the agency's private key, to be carried on a medium; asks nobody."""
    from services.exchange.client.carrying import key_to_seal_for
    from services.exchange.client.connection import read_private_key
    from services.exchange.client.package import Packing
    from services.exchange.client.package import pack as write_package
    from services.exchange.client.profile import read_profile
    from services.exchange.client.table import TABLES, format_of, heads, layout_of

    if private_key is None or client_id is None or platform is None:
        held = read_profile(profile)
        if private_key is None and held.private_key_file is None:
            raise typer.BadParameter("a package is signed by a private key", param_hint="--private-key")
        private_key = private_key or Path(held.private_key_file or "")
        client_id, platform = client_id or held.client_id, platform or held.issuer
    if idempotency_key is not None and not (idempotency_key.isascii() and idempotency_key.isprintable()):
        raise typer.BadParameter("a key is printable ASCII", param_hint="--idempotency-key")
    fmt = format_of(file)
    if (fmt in TABLES) != (kind is not None):
        raise typer.BadParameter("a table needs --kind, and records name theirs", param_hint="--kind")
    if fmt in TABLES:
        with file.open("rb") as table:
            heads(table, layout_of(table, fmt))
    packing = Packing(
        client_id=client_id,
        platform=platform,
        key=read_private_key(private_key),
        now=int(time.time()),
        seal_for=key_to_seal_for(seal_for) if seal_for else None,
    )
    with out.open("wb") as target:
        manifest = write_package(file, fmt, target, packing, kind=kind, idempotency_key=idempotency_key)
    if as_json:
        print_json({"package": str(out), "manifest": manifest})
        return
    sealed = (
        "sealed for the platform" if manifest.sealed_for else "signed, NOT sealed: its carrier can read it"
    )
    display.output().print(
        f"packed {file.name} as {out} ({sealed})\nidempotency key: {manifest.idempotency_key}\n"
        f"SHA-256 of the body: {manifest.body_sha256}",
        soft_wrap=True,
    )


@ending_well
def intake(
    *,
    package: Annotated[Path, typer.Argument(help="A package of pack.", exists=True, dir_okay=False)],
    receipt: Annotated[
        Path | None, typer.Option("--receipt", help="Where to keep the receipt.", dir_okay=False)
    ] = None,
    verdicts: Annotated[
        Path | None, typer.Option("--verdicts", help="Where to keep the verdicts (NDJSON).", dir_okay=False)
    ] = None,
    profile: ProfileName = "default",
    as_json: AsJSON = False,
) -> None:
    """Hand a package in, in the name of the agency that packed it; receipt and verdicts are carried back to it.

    Handed in twice, it is one push and gives the stored receipt.
    """
    from services.exchange.client.carrying import take_in

    with connected(profile, as_json=as_json) as (connection, bars):
        taken = take_in(
            connection,
            package,
            bars,
            receipt_file=receipt or package.with_name(f"{package.name}.receipt.jws"),
            verdicts_file=verdicts or package.with_name(f"{package.name}.verdicts.ndjson"),
        )
    if as_json:
        print_json(
            {
                "batch": taken.batch.id,
                "counts": taken.batch.counts,
                "receipt_file": str(taken.receipt_file),
                "verdicts_file": str(taken.verdicts_file),
            }
        )
        return
    display.output().print(
        f"{display.counts_line(taken.batch)}\nbatch {taken.batch.id}\n"
        f"receipt (verified): {taken.receipt_file}\nverdicts: {taken.verdicts_file}",
        soft_wrap=True,
    )
