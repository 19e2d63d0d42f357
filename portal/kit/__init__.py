"""The door: all that a service may import from the portal is named here."""

from portal import clock
from portal.accounts.claim_codes import is_unclaimed, make_code, open_for_caller
from portal.accounts.queries import called, get_account
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.backoffices.answers import ask as ask_office
from portal.backoffices.answers import last_answer
from portal.backoffices.deliveries import deliveries_of
from portal.backoffices.dialect import Dialect
from portal.backoffices.office import Office, get_office
from portal.backoffices.values import Answer, Delivery, OfficeRefused
from portal.cases.declared import CaseType, Move, ServiceLevel, StaffForm, Status
from portal.cases.drafts import (
    count_of_drafts,
    discard_draft,
    get_draft,
    hold_draft,
    open_drafts,
    save_answers,
    start_draft,
)
from portal.cases.drafts import finish as finish_draft
from portal.cases.ending import reopen_case
from portal.cases.messages import Writing, may_write, messages_of, send_message
from portal.cases.moving import move_case
from portal.cases.notes import write_note
from portal.cases.opening import open_case
from portal.cases.queries import cases_of, get_case, timeline
from portal.cases.taking import take_case
from portal.cases.talk_values import Message, Task
from portal.cases.task_answers import shown_answers
from portal.cases.task_forms import TaskField, TaskForm
from portal.cases.task_queries import tasks_of
from portal.cases.tasks import complete_task, set_task, withdraw_task
from portal.cases.values import Case, CaseEvent, Channel, Draft, Fact
from portal.cases.working_days import after_working_days
from portal.db.base import Id, Moment
from portal.db.session import at_once, commits, session
from portal.db.snapshots import snapshot
from portal.errors import Conflict, Forbidden, NotFound, Refused, TooMany, Unavailable
from portal.files.covering import Part as PhotoPart
from portal.files.covering import cover as cover_photo
from portal.files.operations import delete_file, receive, receive_all
from portal.files.operations import keep as keep_file
from portal.files.queries import files_by_id as find_files
from portal.files.queries import find_file, get_file
from portal.files.values import StoredFile
from portal.files.views import answer as file_answer
from portal.gazetteer.demo import DemoGazetteer
from portal.gazetteer.lookup import gazetteer
from portal.gazetteer.postcode import normalise_postcode
from portal.gazetteer.values import Address
from portal.identity.assurance import Assurance
from portal.identity.guard import demands
from portal.identity.hold import refuse_while_held, sensitive
from portal.identity.sessions import current_account, current_account_or_none
from portal.jobs.queue import job
from portal.joining.address_proofs import AddressProof, address_proofs
from portal.joining.records import (
    find_joined,
    get_joined,
    holders_of,
    join_record,
    joined_after,
    joined_records,
    leave_record,
    protect,
)
from portal.joining.values import Answers, JoinedRecord, Match, PostTo, RecordFact, RecordKind
from portal.kit.at_desk import DeskLink, DeskPages, my_cases, on_case, rights_on, staff_cases, staff_may
from portal.kit.derived import AccountId, CaseId, case_path, service_blueprint, service_metadata, settings_of
from portal.kit.fetching import fetch_file
from portal.kit.links import letter_token, public_address, read_letter_token
from portal.kit.mail import can_tell, tell, write_to
from portal.kit.manifest import Service
from portal.kit.mounting import Mount
from portal.kit.offices import deliver
from portal.kit.paying import pay_path, takes_payments
from portal.kit.settings import ServiceSettings
from portal.kit.texts_at_desk import PublicText, public_texts
from portal.kit.values import (
    Activity,
    CalendarEntry,
    Card,
    Command,
    Health,
    Reminder,
    Retention,
    Sample,
    Standin,
    Story,
)
from portal.kit.versions import CONTRACT
from portal.papers import values as papers
from portal.papers.answers import pdf_answer
from portal.papers.codes import code_picture
from portal.payments.baskets import put_in_basket, take_out_of_basket
from portal.payments.receipts import being_paid, payments_for
from portal.payments.refunds import refund
from portal.payments.values import Due, Paid, PaidLine, Payable, Refund, Refunded
from portal.references import new_reference, read_reference
from portal.signing.sealing import seal, unseal
from portal.staff.narrow_visits import for_helpers
from portal.staff.rights import ANY, needs
from portal.staff.sessions import current_staff
from portal.standins.faulty import StandinSays, standin_told, with_faults
from portal.standins.panel import StandinPanel
from portal.web.access import public
from portal.web.browser import browser_id
from portal.web.forms import (
    CheckboxesField,
    ConfirmField,
    DateField,
    EmailField,
    FileField,
    FilesField,
    Form,
    PasswordField,
    PostcodeField,
    RadioField,
    SelectField,
    TelephoneField,
    TextAreaField,
    TextField,
)
from portal.web.headers import allow_pictures_from
from portal.web.languages import Lazy, current_language, format_date, format_datetime, gettext, lazy_gettext, ngettext
from portal.web.languages import using as in_language
from portal.web.limits import hit as limit
from portal.web.money import money, read_pence
from portal.web.page import notify_next, render, warn_next
from portal.web.spreadsheets import csv_answer
from portal.web.state import council
from portal.web.uploads import takes_files

__all__ = [
    "ANY",
    "CONTRACT",
    "Account",
    "AccountId",
    "Activity",
    "Address",
    "AddressProof",
    "Answer",
    "Answers",
    "Assurance",
    "CalendarEntry",
    "Card",
    "Case",
    "CaseEvent",
    "CaseId",
    "CaseType",
    "Channel",
    "CheckboxesField",
    "Command",
    "ConfirmField",
    "Conflict",
    "DateField",
    "Delivery",
    "DemoGazetteer",
    "DeskLink",
    "DeskPages",
    "Dialect",
    "Draft",
    "Due",
    "EmailField",
    "Fact",
    "FileField",
    "FilesField",
    "Forbidden",
    "Form",
    "Health",
    "Id",
    "JoinedRecord",
    "Lazy",
    "Match",
    "Message",
    "Moment",
    "Mount",
    "Move",
    "NotFound",
    "Office",
    "OfficeRefused",
    "Paid",
    "PaidLine",
    "PasswordField",
    "Payable",
    "PhotoPart",
    "PostTo",
    "PostcodeField",
    "PublicText",
    "RadioField",
    "RecordFact",
    "RecordKind",
    "Refund",
    "Refunded",
    "Refused",
    "Reminder",
    "Retention",
    "Sample",
    "SelectField",
    "Service",
    "ServiceLevel",
    "ServiceSettings",
    "StaffForm",
    "Standin",
    "StandinPanel",
    "StandinSays",
    "Status",
    "StoredFile",
    "Story",
    "Task",
    "TaskField",
    "TaskForm",
    "TelephoneField",
    "TextAreaField",
    "TextField",
    "TooMany",
    "Unavailable",
    "Writing",
    "address_proofs",
    "after_working_days",
    "allow_pictures_from",
    "ask_office",
    "at_once",
    "being_paid",
    "browser_id",
    "called",
    "can_tell",
    "case_path",
    "cases_of",
    "clock",
    "code_picture",
    "commits",
    "complete_task",
    "council",
    "count_of_drafts",
    "cover_photo",
    "csv_answer",
    "current_account",
    "current_account_or_none",
    "current_language",
    "current_staff",
    "delete_file",
    "deliver",
    "deliveries_of",
    "demands",
    "discard_draft",
    "fetch_file",
    "file_answer",
    "find_file",
    "find_files",
    "find_joined",
    "finish_draft",
    "for_helpers",
    "format_date",
    "format_datetime",
    "gazetteer",
    "get_account",
    "get_case",
    "get_draft",
    "get_file",
    "get_joined",
    "get_office",
    "gettext",
    "hold_draft",
    "holders_of",
    "in_language",
    "is_unclaimed",
    "job",
    "join_record",
    "joined_after",
    "joined_records",
    "keep_file",
    "last_answer",
    "lazy_gettext",
    "leave_record",
    "letter_token",
    "limit",
    "make_code",
    "may_write",
    "messages_of",
    "money",
    "move_case",
    "my_cases",
    "needs",
    "new_reference",
    "ngettext",
    "normalise_postcode",
    "notify_next",
    "on_case",
    "open_case",
    "open_drafts",
    "open_for_caller",
    "papers",
    "pay_path",
    "payments_for",
    "pdf_answer",
    "protect",
    "public",
    "public_address",
    "public_texts",
    "put_in_basket",
    "read_letter_token",
    "read_pence",
    "read_reference",
    "receive",
    "receive_all",
    "record",
    "refund",
    "refuse_while_held",
    "render",
    "reopen_case",
    "rights_on",
    "save_answers",
    "seal",
    "send_message",
    "sensitive",
    "service_blueprint",
    "service_metadata",
    "session",
    "set_task",
    "settings_of",
    "shown_answers",
    "snapshot",
    "staff_cases",
    "staff_may",
    "standin_told",
    "start_draft",
    "take_case",
    "take_out_of_basket",
    "takes_files",
    "takes_payments",
    "tasks_of",
    "tell",
    "timeline",
    "unseal",
    "warn_next",
    "with_faults",
    "withdraw_task",
    "write_note",
    "write_to",
]
