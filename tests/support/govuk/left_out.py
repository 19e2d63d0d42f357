"""The options of govuk-frontend that our macros leave out, each with its reason."""

FREE = "free attributes: our templates write none, and so none can bring in script or style"
LOOK = "the part looks the same everywhere"

LEFT_OUT: dict[str, dict[str, str]] = {
    "back-link": {
        "attributes": FREE,
    },
    "button": {
        "attributes": FREE,
        "html of a start button": "a start button holds text only",
        "preventDoubleClick=false": "ours is written only when it is on",
    },
    "character-count": {
        "attributes": FREE,
        "charactersUnderLimitText.other": "the words come from the catalogue",
        "countMessage.classes": LOOK,
        "countType": "limits are in characters, as the server counts",
        "maxwords": "limits are in characters, as the server counts",
        "textareaDescriptionText": "the words come from the catalogue",
        "threshold": "the count is shown from the start",
        "without maxlength": "there is always a limit, and it is in characters",
    },
    "checkboxes": {
        "attributes": FREE,
        "fieldset.classes": LOOK,
        "items.attributes": FREE,
        "items.behaviour": "“none of these” is checked on the server",
        "items.conditional.html": "a follow-up question is on a page of its own: it must work without script",
        "items.empty": "lists hold no empty items",
        "items.label.attributes": FREE,
        "items.label.classes": LOOK,
        "items.name": "boxes of one question share one name",
    },
    "date-input": {
        "attributes": FREE,
        "items.attributes": FREE,
        "items.autocomplete": "derived from the group's: bday-day and so on",
        "items.classes": LOOK,
        "items.error without a message": "a part is marked only together with a message",
        "items.error=false": "the parts that are wrong are named, not those that are right",
        "items.id": "ids are derived, so that the error summary finds them",
        "items.label": "the words come from the catalogue",
        "items.other parts than day, month, year": "a date has three parts",
        "year.value": "the same part given in two ways",
    },
    "details": {
        "attributes": FREE,
    },
    "error-message": {
        "attributes": FREE,
    },
    "error-summary": {
        "attributes": FREE,
        "disableAutoFocus": "the summary always takes the focus: that is what it is for",
        "items.attributes": FREE,
    },
    "fieldset": {
        "attributes": FREE,
    },
    "file-upload": {
        "attributes": FREE,
        "chooseFilesButtonText": "words of the drop zone",
        "javascript": "the plain control: the drop zone hides it from some assistive technology",
        "value": "browsers do not let a page choose a file",
    },
    "hint": {
        "attributes": FREE,
    },
    "input": {
        "attributes": FREE,
        "inputWrapper.classes": LOOK,
        "prefix.attributes": FREE,
        "prefix.classes": LOOK,
        "suffix.attributes": FREE,
        "suffix.classes": LOOK,
    },
    "inset-text": {
        "attributes": FREE,
    },
    "label": {
        "attributes": FREE,
        "without text": "a label always has a text",
    },
    "notification-banner": {
        "attributes": FREE,
        "disableAutoFocus=false": "ours is written only when it is on",
    },
    "pagination": {
        "attributes": FREE,
        "items": "what grows is paged by key, so there are no page numbers",
    },
    "panel": {
        "actions.classes": "no interruption panels",
        "actions.items": "no interruption panels",
        "attributes": FREE,
        "classes of an interruption": "no interruption panels",
    },
    "password-input": {
        "attributes": FREE,
        "showPasswordText": "the words come from the catalogue",
        "value": "a password is never sent back to the page",
    },
    "phase-banner": {
        "attributes": FREE,
        "tag.classes": LOOK,
        "without tag": "the tag is always there",
    },
    "radios": {
        "attributes": FREE,
        "fieldset.classes": LOOK,
        "items.attributes": FREE,
        "items.conditional.html": "a follow-up question is on a page of its own: it must work without script",
        "items.empty": "lists hold no empty items",
        "items.id": "ids are derived, so that the error summary finds them",
        "items.label.attributes": FREE,
        "items.label.classes": LOOK,
    },
    "select": {
        "attributes": FREE,
        "items.attributes": FREE,
        "items.without a text as value": "every choice has a value of its own",
        "without items": "a select always has choices",
    },
    "skip-link": {
        "attributes": FREE,
    },
    "summary-list": {
        "attributes": FREE,
        "card.attributes": FREE,
        "card.classes": "cards look alike",
        "items.actions.classes": LOOK,
        "items.attributes": FREE,
        "items.classes": LOOK,
        "items.key.classes": LOOK,
    },
    "table": {
        "attributes": FREE,
        "items.attributes": FREE,
        "items.classes": LOOK,
        "items.rowspan": "tables are simple",
    },
    "tag": {
        "attributes": FREE,
    },
    "task-list": {
        "attributes": FREE,
        "items.classes": LOOK,
        "items.empty": "lists hold no empty items",
        "items.status.classes": LOOK,
        "items.title.classes": LOOK,
    },
    "textarea": {
        "attributes": FREE,
    },
    "warning-text": {
        "attributes": FREE,
        "without text": "a warning always has a text",
    },
}
