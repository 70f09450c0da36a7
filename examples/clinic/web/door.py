"""Who asks: somebody who works here, a patient, or nobody yet; and whether our own page asks.

Two cookies, one for staff and one for patients, so that both can be tried in one browser. What
changes something must come from a page of ours (`Origin`) and carry what that page knows (CSRF).
Called by every handler that is not for everybody.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final, NoReturn

from aiohttp import hdrs, web

from examples.clinic.accounts import Account, Accounts
from examples.clinic.appointments import Appointment, Appointments
from examples.clinic.sessions import PATIENT_S, STAFF_S, Session, Sessions
from examples.clinic.settings import Settings

STAFF_COOKIE: Final = "clinic"
PATIENT_COOKIE: Final = "visit"
CSRF_HEADER: Final = "X-CSRF"
"""Of requests by our scripts; forms have a hidden field `csrf`."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here, and is logged in."""

    account: Account
    session: Session = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody who came by a link."""

    appointment: Appointment
    session: Session = field(repr=False)


@dataclass(frozen=True, slots=True)
class Door:
    """Looks at who comes."""

    settings: Settings
    sessions: Sessions
    accounts: Accounts
    appointments: Appointments

    async def staff(self, request: web.Request) -> Staff:
        """Give who is logged in.

        Raises:
            web.HTTPSeeOther: Nobody: they are sent to the login page.

        """
        found = await self.find_staff(request)
        if found is None:
            raise web.HTTPSeeOther("/login")
        return found

    async def find_staff(self, request: web.Request) -> Staff | None:
        """Give who is logged in, if anybody is."""
        session = await self.sessions.find(request.cookies.get(STAFF_COOKIE, ""))
        if session is None or session.account is None:
            return None
        account = (await self.accounts.everybody()).get(session.account)
        return None if account is None else Staff(account, session)

    async def find_patient(self, request: web.Request) -> Patient | None:
        """Give the patient, if one has come by a link."""
        session = await self.sessions.find(request.cookies.get(PATIENT_COOKIE, ""))
        if session is None or session.appointment is None:
            return None
        appointment = await self.appointments.find(session.appointment)
        return None if appointment is None else Patient(appointment, session)

    async def concerned(self, request: web.Request) -> tuple[Staff, Appointment]:
        """Give who is logged in and the appointment of the address, which concerns them.

        Raises:
            web.HTTPSeeOther: Nobody is logged in.
            web.HTTPNotFound: There is no such appointment, or it is none of their business.

        """
        staff = await self.staff(request)
        appointment = await self.appointments.find(int(request.match_info["number"]))
        if appointment is None or not appointment.concerns(staff.account):
            raise web.HTTPNotFound
        return staff, appointment

    async def welcome_staff(self, response: web.Response, account: Account) -> None:
        """Log somebody in."""
        cookie = await self.sessions.begin(account=account.id)
        self._set(response, STAFF_COOKIE, cookie, STAFF_S)

    async def welcome_patient(self, response: web.Response, appointment: Appointment) -> None:
        """Let the browser of a patient come back without the link."""
        cookie = await self.sessions.begin(appointment=appointment.id)
        self._set(response, PATIENT_COOKIE, cookie, PATIENT_S)

    async def see_off(self, response: web.Response, staff: Staff) -> None:
        """Log somebody out."""
        await self.sessions.end(staff.session)
        response.del_cookie(STAFF_COOKIE)

    def require_own_origin(self, request: web.Request) -> None:
        """Refuse what a page of another site sends; browsers always say whose page it is.

        Raises:
            web.HTTPForbidden: It is not ours.

        """
        if request.headers.get(hdrs.ORIGIN) != self.settings.url:
            _refuse()

    def require_own_page(self, request: web.Request, session: Session, given: str = "") -> None:
        """Refuse what does not come from a page of this very session.

        Args:
            request: What was sent.
            session: Of whoever is said to have sent it.
            given: The hidden field of a form; scripts send a header instead.

        Raises:
            web.HTTPForbidden: It is not ours, or of another session.

        """
        self.require_own_origin(request)
        shown = given or request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), session.csrf.encode()):
            _refuse()

    def _set(self, response: web.Response, name: str, cookie: str, lasts_s: float) -> None:
        response.set_cookie(
            name,
            cookie,
            max_age=int(lasts_s),
            httponly=True,
            # Lax: a link in a message opens the page one is logged in to; forms of others do not.
            samesite="Lax",
            secure=self.settings.is_encrypted,
        )


def _refuse() -> NoReturn:
    raise web.HTTPForbidden
