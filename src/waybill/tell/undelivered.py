"""Why a notice did not reach anybody, each told apart by what it means for the next try."""

from waybill import errors

__all__ = ["ChannelDown", "NoAddress", "NotTaken", "Refused"]


class NotTaken(errors.WaybillError):
    """The server did not take the notice now, but may take it later."""

    code = "not_taken"
    retryable = True


class ChannelDown(NotTaken):
    """The server does not answer, so that it would take no other notice either."""

    code = "channel_down"


class Refused(errors.WaybillError):
    """The server refuses the notice for good."""

    code = "refused"


class NoAddress(errors.WaybillError):
    """The person has no address that a notice can go to."""

    code = "no_address"
