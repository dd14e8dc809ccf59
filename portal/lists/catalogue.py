"""Every list of the office by its name."""

from portal.lists import clashes, doings, people, post, programme, proof, records, teachers

LISTS = {
    each.name: each
    for each in (
        people.TRAINEES,
        people.APPLICATIONS,
        programme.COHORTS,
        programme.REGISTERS,
        programme.MEETINGS,
        proof.CERTIFICATES,
        proof.BATCHES,
        proof.DISAGREEMENTS,
        proof.PROBLEMS,
        post.MESSAGES,
        post.ANNOUNCEMENTS,
        records.REPORTS,
        records.CHECKS,
        records.EXPORTS,
        records.TAKEN,
        teachers.INSTRUCTORS,
        clashes.CLASHES,
        records.ACTS,
        doings.DONE_LIST,
        doings.KEPT_LIST,
    )
}
