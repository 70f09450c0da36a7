"""From what a seat is told to what its client is sent, one to one.

Pure. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

from typing import assert_never, cast

from relay.rooms import closings, events, standing_events
from relay.rooms.leg_states import LegState
from relay.rooms.snapshot import RoomSnapshot
from signalling import messages
from signalling.websocket.farewells import farewell, protocol_code


def message_for(  # noqa: PLR0911 - one arm per event
    event: events.SeatEvent,
) -> messages.RelayMessage | None:
    """Give the message that tells an event; `None` where the client learns nothing from it."""
    match event:
        case (
            events.SlotsChanged()
            | events.MoreSlotsNeeded()
            | events.RenegotiationNeeded()
            | events.EncodingsChosen()
            | events.ConnectionChanged()
            | events.QualityChanged()
            | events.SubscriptionsChanged()
            | events.SilencesChanged()
            | events.SpeakingChanged()
        ):
            return _about_media(event)
        case events.ParticipantJoined(participant=participant):
            return messages.ParticipantJoined(participant=participant)
        case events.ParticipantLeft(participant=gone, reason=reason):
            return messages.ParticipantLeft(participant=gone, reason=reason)
        case events.ParticipantChanged(participant=changed, connected=connected, private=private):
            return messages.ParticipantChanged(
                participant=changed, connected=connected, private=private, group=event.group
            )
        case events.TrackPublished(participant=publisher, track=track):
            return messages.TrackPublished(participant=publisher, track=track)
        case events.TrackUnpublished(participant=publisher, track=withdrawn):
            return messages.TrackUnpublished(participant=publisher, track=withdrawn)
        case events.TrackMuted(participant=publisher, track=named, muted=muted):
            return messages.TrackMuted(participant=publisher, track=named, muted=muted)
        case events.MessageRefused(code=code, words=words, action=action):
            return messages.Error(code=protocol_code(code), words=words, action=action)
        case closings.Closing(code=closing_code):
            return farewell(closing_code)
        case _:
            return _about_standing(event)


def _about_standing(  # noqa: PLR0911 - one arm per event
    event: standing_events.StandingEvent,
) -> messages.RelayMessage:
    match event:
        case standing_events.WaitingChanged(place=place, notice=notice, reason=why):
            return messages.Waiting(place=place, notice=notice, reason=why)
        case standing_events.CameIn(room=room):
            return messages.Admitted(room=room_info(room))
        case standing_events.MovedTo(participant=anew, standing=standing, room=room):
            return messages.Moved(
                participant=anew,
                standing=standing,
                room=room_info(room),
                tracks=event.tracks,
                keeps_leg=event.keeps_leg,
                ticket=event.ticket,
            )
        case standing_events.RelocationAsked(ticket=ticket, url=url):
            return messages.Relocate(ticket=ticket, url=url)
        case standing_events.WaitingRoomChanged(people=people, total=total, notice=notice):
            return messages.WaitingRoom(people=people, total=total, notice=notice)
        case standing_events.HeldBackChanged(sources=sources):
            return messages.HeldBack(sources=sources)
        case standing_events.RoomStateChanged(state=state):
            return messages.RoomChanged(locked=state.locked, ends_in_s=state.ends_in_s)
        case _:
            assert_never(event)


def room_info(room: RoomSnapshot) -> messages.RoomInfo:
    """Describe a room as the protocol does."""
    return messages.RoomInfo(
        participants=room.participants,
        locked=room.state.locked,
        ends_in_s=room.state.ends_in_s,
    )


def _about_media(  # noqa: PLR0911 - one arm per event
    event: events.SlotsChanged
    | events.MoreSlotsNeeded
    | events.RenegotiationNeeded
    | events.EncodingsChosen
    | events.ConnectionChanged
    | events.QualityChanged
    | events.SubscriptionsChanged
    | events.SilencesChanged
    | events.SpeakingChanged,
) -> messages.RelayMessage | None:
    match event:
        case events.SlotsChanged(bindings=bindings):
            return messages.Slots(bindings=tuple(map(_binding, bindings)))
        case events.MoreSlotsNeeded(audio=audio, video=video):
            return messages.MoreSlots(audio=audio, video=video)
        case events.RenegotiationNeeded(reason=why):
            return messages.Renegotiate(reason=why)
        case events.EncodingsChosen(track=track, encodings=encodings, keeps=keeps):
            choices = tuple(map(_encoding, encodings))
            return messages.Encodings(track=track, encodings=choices, keeps=keeps)
        case events.ConnectionChanged(state=LegState.CLOSED):
            # The client closed it, or a fresh leg took its place and speaks for itself.
            return None
        case events.ConnectionChanged(state=state, reason=reason):
            return messages.Connection(state=cast("messages.LegStateName", state), reason=reason)
        case events.QualityChanged(participant=participant, direction=direction):
            return messages.Quality(
                participant=participant,
                direction=direction,
                verdict=event.verdict,
                loss_ratio=round(event.loss_ratio, 4),
                rtt_ms=event.rtt_ms,
            )
        case events.SubscriptionsChanged(state=receiver_state, path_bps=path_bps):
            return messages.Subscriptions(
                state=receiver_state,
                pictures=tuple(map(_picture, event.pictures)),
                path_kbps=_kbps(path_bps),
            )
        case events.SilencesChanged(silences=silences):
            return messages.Silences(silences=tuple(map(_silence, silences)))
        case events.SpeakingChanged(participant=participant, speaking=speaking):
            return messages.Speaking(participant=participant, speaking=speaking)
        case _:
            assert_never(event)


def _binding(slot: events.SlotCarries | events.SlotIdle) -> messages.SlotBinding:
    match slot:
        case events.SlotIdle(mid=mid, reason=reason):
            return messages.SlotBinding(mid=mid, track=None, reason=reason)
        case events.SlotCarries(mid=mid, participant=participant, track=track):
            return messages.SlotBinding(
                mid=mid,
                track=track,
                participant=participant,
                kind=slot.kind,
                source=slot.source,
                paused=slot.paused,
            )
        case _:
            assert_never(slot)


def _silence(silence: events.Silence) -> messages.Silence:
    return messages.Silence(
        track=silence.track,
        publisher=silence.publisher,
        source=silence.source,
        stage=silence.stage,
        cause=silence.cause,
        receiver=silence.receiver,
    )


def _encoding(choice: events.EncodingChoice) -> messages.EncodingChoice:
    return messages.EncodingChoice(
        rid=choice.rid,
        active=choice.active,
        max_bitrate_bps=choice.max_bps,
        scale=choice.scale,
    )


def _picture(sent: events.PictureSent) -> messages.PictureSent:
    return messages.PictureSent(
        track=sent.track,
        state=sent.state,
        rid=sent.rid,
        spatial_layer=sent.spatial,
        temporal_layer=sent.temporal,
        width=sent.width,
        height=sent.height,
        kbps=_kbps(sent.bps),
    )


def _kbps(bps: int | None) -> int | None:
    return None if bps is None else round(bps / BPS_PER_KBPS)


BPS_PER_KBPS = 1_000
