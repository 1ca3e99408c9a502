"""What goes wrong with a Ray cluster, in plain words."""

from importlib.metadata import version

from ctqa.errors import ConfigError, CtqaError

_FORMS = "expected auto, HOST:PORT or ray://HOST:PORT"
_PREFACE = "Exception that broke the connection: "  # of Ray's client, before what it is about
_MOST_SAID = 300  # characters of what Ray says
_KEPT = (
    "see by `ray status` that it runs; what came back is kept, and the same command goes on from "
    "there, without --ray by this machine alone"
)


def no_ray() -> ConfigError:
    """Say that Ray is missing."""
    return ConfigError('--ray: Ray is not installed; `pip install "ctqa[ray]"` brings it')


def no_address(address: str) -> ConfigError:
    """Say that an address is none."""
    return ConfigError(f"--ray {address}: is no address of a Ray cluster; {_FORMS}")


def no_cores(address: str) -> ConfigError:
    """Say that nobody would do the work."""
    return ConfigError(
        f"--ray {address}: the cluster has no cores to work with; add a node to it with "
        "`ray start --address=HOST:PORT`"
    )


def not_rays(address: str) -> ConfigError:
    """Say that something else listens there."""
    return ConfigError(
        f"--ray {address}: what listens there is no Ray cluster; its ports are 6379 (HOST:PORT) "
        "and 10001 (ray://HOST:PORT), unless `ray start` was told otherwise"
    )


def other_port(address: str) -> ConfigError:
    """Say that the two kinds of addresses were confused."""
    plain = address.removeprefix("ray://")
    if plain == address:
        what = f"that is the port of Ray's client server: expected ray://{plain}"
    else:
        what = "that is no port of Ray's client server: expected 10001, or what it was started on"
    return ConfigError(f"--ray {address}: {what}")


def not_reached(address: str, exc: Exception, given: str = "") -> ConfigError:
    """Say why a cluster could not be connected to; `given` is what led to the address, if any."""
    said = _said(exc)
    if "Version mismatch" in said:
        return ConfigError(
            f"--ray {address}: the cluster runs another Ray or Python ({said}): install the same "
            "here and there"
        )
    if address == "auto":
        return ConfigError(
            f"--ray auto: no cluster runs on this machine ({said}); `ray start` starts one, or "
            f"makes this machine a node of one: {_FORMS}"
        )
    if given == "auto":
        return ConfigError(
            f"--ray auto: the cluster at {address}, which RAY_ADDRESS or Ray's notes here name, "
            f"cannot be reached ({said}); `ray start` starts one: {_FORMS}"
        )
    mend = "is the port that of Ray's client server, and let through?"
    if not address.startswith("ray://"):
        mend = "HOST:PORT is for a node of the cluster; elsewhere ray://HOST:10001 is needed"
    return ConfigError(f"--ray {address}: the cluster cannot be reached ({said}); {mend}")


def told(address: str, exc: BaseException) -> BaseException:
    """Say of a task what the user can put right; a mistake of our own stays what it is."""
    from ray.exceptions import RayError, RayTaskError  # noqa: PLC0415 -- an extra, and heavy

    cause = exc.cause if isinstance(exc, RayTaskError) else exc
    if isinstance(cause, CtqaError):
        return cause
    if "No module named 'ctqa" in str(exc):
        return ConfigError(
            f"--ray {address}: a worker has no CTQA, or an older one: `pip install "
            f"ctqa=={version('ctqa')}` there, into the Python that `ray start` is run by"
        )
    if isinstance(exc, RayTaskError) or not isinstance(exc, RayError | ConnectionError):
        return exc
    return ConfigError(f"--ray {address}: the cluster was lost ({_said(exc)}); {_KEPT}")


def _said(exc: BaseException) -> str:
    said = " ".join(str(exc).split()).rpartition(_PREFACE)[2]
    return said if len(said) <= _MOST_SAID else f"{said[:_MOST_SAID]}…"
