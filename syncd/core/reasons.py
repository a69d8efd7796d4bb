"""Why something was not done: the reasons that agents read in notes, as Jinja2 templates with sample values."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "reason_refused": ("{{ words }}", {"words": "POST answered 400"}),
    "reason_given_up": (
        "given up after {{ hours }} hours{% if reason %}: {{ reason }}{% endif %}",
        {"hours": 24, "reason": "it was refused"},
    ),
    "reason_unanswered": ("the call was cut off, and the message was not seen in the chat since", {}),
    "reason_chat_takes_no_changes": ("the chat takes no changes", {}),
    "reason_bridge_is_one_way": ("this bridge says nothing in the chat", {}),
    "reason_place_unknown": ("nobody knows whether the chat has it, and under which id", {}),
    "reason_unreadable": ("its row in the database cannot be read", {}),
    "reason_file_large": (
        "it is larger than {{ most }} MB ({{ size|filesizeformat }} or more)",
        {"most": 20, "size": 20_971_521},
    ),
    "reason_file_type": ("files of the type .{{ ending }} are not taken", {"ending": "exe"}),
    "reason_file_empty": ("it is empty", {}),
    "reason_file_program": ("it is a program, whatever its name says", {}),
    "reason_file_gone": ("it is not there any more (its host answers {{ status }})", {"status": 404}),
    "reason_file_cut": ("{{ came }} bytes came of {{ size }}", {"came": 100, "size": 120}),
    "reason_file_other": ("its host has {{ has }} bytes of {{ size }}", {"has": 100, "size": 120}),
    "reason_file_packed": ("its host sends it packed although it was not asked to", {}),
    "reason_file_page": ("its host sends a page in its place", {}),
    "reason_host_slow": ("its host does not send it in time", {}),
    "reason_host_away": ("its host cannot be reached", {}),
    "reason_host_fails": ("its host does not send it: {{ failure }}", {"failure": "ReadError"}),
    "reason_host_answers": ("its host answers {{ status }}", {"status": 500}),
    "reason_host_none": ("its host is none", {}),
    "reason_host_inside": ("its host is in a private network", {}),
    "reason_link_none": ("its link is none", {}),
    "reason_link_scheme": ("its link is none of http or https", {}),
    "reason_link_login": ("its link has a login in it", {}),
    "reason_link_port": ("its link goes to port {{ port }}", {"port": 8080}),
    "reason_link_redirects": ("its link leads through more than {{ most }} redirects", {"most": 5}),
}
"""`reason_refused` are the words of an end or its connector, about something technical, in English."""
