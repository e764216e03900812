"""Vocabulary of the declaration: every heading, key, value and placeholder phrase that is understood, as data.

All words are written as `word_of` folds them: lower case, without blanks, hyphens and punctuation.
"""

from collections.abc import Mapping
from typing import Literal, TypeVar

from gate.core.change.declaration import ChangeType, RiskLevel
from gate.core.ownership.records import RollbackMethod

ChangeKey = Literal["type", "risk", "environments", "affects", "tickets", "window"]
RollbackKey = Literal[
    "method", "steps", "verification", "restore_minutes", "data_impact", "command", "flag", "artifact", "backup",
    "data_loss_minutes", "reason",
]  # fmt: skip
Key = ChangeKey | RollbackKey
_Meaning = TypeVar("_Meaning", bound=str)


def _table(rows: Mapping[_Meaning, str]) -> Mapping[str, _Meaning]:
    return {word: meaning for meaning, words in rows.items() for word in words.split()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHANGE_HEADINGS = _words(
    "change changerequest changedetails changeinformation changemanagement changerecord changedeclaration "
    "declaration signoffgate"
)
ROLLBACK_HEADINGS = _words(
    "rollback rollbackplan rollbackstrategy rollbackprocedure rollbackinstructions rollbacksteps rollbackpath "
    "rollbackapproach rollbackprocess rollbackdetails rollbackandrecovery rollbackrecoveryplan rollbackplanning "
    "rollingback howtorollback howtorollthisback howtorollbackthischange planforrollback planforrollingback "
    "backout backoutplan backoutstrategy backoutprocedure backoutsteps backoutinstructions howtobackout "
    "howtobackthisout backingout revertplan revertstrategy revertprocedure revertsteps revertinstructions revert "
    "howtorevert howtorevertthis howtorevertthischange reverting reversion reversionplan reversalplan undoplan "
    "howtoundo howtoundothis recoveryplan recoverystrategy fallbackplan contingencyplan rollbackbackoutplan"
)
ROLLBACK_PREFIXES = ("rollback", "backout", "revert")
"""Before a key of the plan, in a heading: `Rollback verification`."""

CHANGE_KEYS: Mapping[str, ChangeKey] = _table({
    "type": "type changetype typeofchange changecategory categoryofchange changeclass kindofchange",
    "risk": "risk risklevel riskrating riskclass declaredrisk riskofchange changerisk riskassessment",
    "environments": "environment environments env envs targetenvironment targetenvironments deployedto deploysto",
    "affects": "affects affected affectedcomponents affectedcomponent affectedservices affectedservice"
    " affectedsystems componentsaffected servicesaffected systemsaffected alsoaffects",
    "tickets": "ticket tickets linkedticket linkedtickets relatedticket relatedtickets incident incidents"
    " linkedincident linkedincidents relatedincident relatedincidents issue issues linkedissue linkedissues"
    " relatedissue relatedissues jira jiraticket jiratickets jiraissue jiralink changeticket ticketlink workitem"
    " workitems",
    "window": "window changewindow deploymentwindow deploywindow maintenancewindow releasewindow implementationwindow"
    " scheduledwindow plannedwindow",
})  # fmt: skip
ROLLBACK_KEYS: Mapping[str, RollbackKey] = _table({
    "method": "method rollbackmethod rollbacktype strategy rollbackstrategy approach backoutmethod revertmethod way",
    "steps": "step steps rollbacksteps backoutsteps revertsteps procedure instructions stepbystep stepstorollback"
    " stepstorevert actions",
    "verification": "verification verify verifiedby howtoverify verificationsteps validation validate checks"
    " rollbackverification backoutverification successcriteria howtotellthatitworked",
    "restore_minutes": "timetorestore restoretime timetorollback rollbacktime timetorecover recoverytime"
    " timetorecovery rto restoreminutes estimatedtime estimatedtimetorestore estimatedrollbacktime duration"
    " rollbackduration",
    "data_impact": "dataimpact impactondata dataeffects dataeffect",
    "command": "command commands rollbackcommand tool migrationtool migrationcommand downgradecommand",
    "flag": "flag flagname featureflag featureflagname featuretoggle toggle killswitch",
    "artifact": "artifact artifacts artefact image imagetag tag previousversion previousartifact previousimage"
    " previoustag versiontoredeploy",
    "backup": "backup backups whichbackup snapshot backupid backupname",
    "data_loss_minutes": "datalosswindow dataloss datalossminutes acceptabledataloss maxdataloss rpo",
    "reason": "reason reasons why justification whynowayback reasonfornorollback whynorollback",
})  # fmt: skip

HEADINGS_TO_SUGGEST: Mapping[str, str] = {
    "rollbackplan": "Rollback plan", "rollback": "Rollback", "backoutplan": "Backout plan", "revertplan": "Revert plan",
    "changetype": "Change type", "typeofchange": "Type of change", "tickets": "Tickets", "risklevel": "Risk level",
    "changerequest": "Change request", "environments": "Environments", "affectedcomponents": "Affected components",
    "linkedincident": "Linked incident", "rollbacksteps": "Rollback steps", "rollbackprocedure": "Rollback procedure",
    "rollbackstrategy": "Rollback strategy", "deploymentwindow": "Deployment window",
}  # fmt: skip
"""Headings that a mistyped one is compared with, and how they are written."""

PROSE_HEADINGS = _words("issue incident environment type window env affected")
"""Keys that as headings on their own announce prose: `## Issue`, `## Environment`."""

LABELS: Mapping[Key, str] = {
    "type": "Type", "risk": "Risk", "environments": "Environments", "affects": "Affects", "tickets": "Tickets",
    "window": "Window", "method": "Method", "steps": "Steps", "verification": "Verification",
    "restore_minutes": "Time to restore", "data_impact": "Data impact", "command": "Command", "flag": "Flag",
    "artifact": "Artifact", "backup": "Backup", "data_loss_minutes": "Data-loss window", "reason": "Reason",
}  # fmt: skip
"""How a key is written in Markdown, for suggestions."""
IGNORED_LABELS = _words("key field name item property question value")
"""Heads of tables: they say nothing."""
FREE_TEXT: frozenset[str] = frozenset(
    {"steps", "verification", "data_impact", "command", "flag", "artifact", "backup", "reason"}
)
LISTS: frozenset[str] = frozenset({"environments", "affects", "tickets"})
NAMES: frozenset[str] = frozenset({"flag", "artifact", "backup"})
"""Free text that names one thing: of a link only its text counts."""

CHANGE_TYPES: Mapping[str, ChangeType] = _table({
    "standard": "standard standardchange preapproved preapprovedchange",
    "normal": "normal normalchange",
    "emergency": "emergency emergencychange",
})  # fmt: skip
RISKS: Mapping[str, RiskLevel] = _table({
    "low": "low lowrisk verylow minimal",
    "medium": "medium med moderate mediumrisk moderaterisk",
    "high": "high highrisk veryhigh critical",
})  # fmt: skip
METHODS: Mapping[str, RollbackMethod] = _table({
    "revert": "revert gitrevert revertcommit revertthecommit revertpr revertthepr revertthispr revertpullrequest"
    " revertthepullrequest revertthispullrequest revertthischange revertthechange revertmerge revertthemerge"
    " revertmergecommit revertthemergecommit codereverting coderevert",
    "redeploy-previous": "redeployprevious redeploypreviousversion redeploythepreviousversion redeployold"
    " deployprevious deploypreviousversion previousversion redeploy redeploypreviousimage redeploypreviousrelease"
    " rollbacktopreviousversion rollbacktopreviousrelease",
    "feature-flag": "featureflag featureflags featuretoggle flag toggle killswitch turnoffflag disableflag"
    " featureflagoff",
    "migration-downgrade": "migrationdowngrade downgrade downgrademigration migrationdown downmigration"
    " databasedowngrade schemadowngrade migrationrollback rollbackmigration",
    "restore-backup": "restorebackup restorefrombackup restorethebackup backuprestore restoresnapshot"
    " restorefromsnapshot backup",
    "forward-fix": "forwardfix fixforward rollforward hotfix fixforwardonly",
    "manual": "manual manually manualsteps manualprocedure runbook bysteps",
    "inherit": "inherit inherited playbook standingplaybook componentplaybook standardplaybook fromplaybook",
})  # fmt: skip

UNFINISHED = _words(
    "tbd tba tbc tbw todo todos fixme wip xxx xx x asdf test pending later unknown notyet notsure idk fillme "
    "fillmein fillin fillinthis fillthisin fillthisout tobedone tobedefined tobedecided tobedetermined tobeadded "
    "tobeconfirmed tobewritten tofill tofillin comingsoon willadd willaddlater addlater seeabove seebelow asabove "
    "placeholder example yourplanhere yourrollbackplan yourrollbackplanhere rollbackplanhere rollbackplan "
    "rollback describe describehere describeyourplan describetherollback describetherollbackplan "
    "describerollbackplan describeyourrollbackplan describehowtorollback describehowtorollbackthischange "
    "describetherollbackplanhere howtorollback enterrollbackplan enterrollbackplanhere addrollbackplan "
    "addrollbackplanhere writehere loremipsum loremipsumdolorsitamet text sometext"
)
"""Says that the author has not written it yet."""
NOT_APPLICABLE = _words(
    "na none no not nil null nope nothing notapplicable notneeded notrequired notnecessary noneneeded "
    "nonerequired nonenecessary norollback norollbackplan norollbackneeded norollbackrequired norollbacknecessary "
    "norollbackplanneeded norollbackplanrequired rollbacknotneeded rollbacknotrequired rollbacknotapplicable "
    "doesnotapply notrelevant irrelevant yes ok okay y n sure fine standard asusual usual theusual default "
    "trivial empty blank"
)
"""Says that there is nothing to say, or says nothing."""
SAYS_NO_DATA = _words("na none no nil nothing notapplicable notneeded zero nodataloss nodata 0")
"""Means no data at all where an amount or an effect on data is asked for."""

ACTIONS = _words(
    "abort activate add adjust alter apply archive back backfill block bounce bump bring call cancel change "
    "checkout cherry-pick clean clear close copy create cut deactivate decommission delete deploy destroy detach "
    "disable drain downgrade drop edit enable execute export failover fail flip flush follow force git go helm "
    "import install invalidate invoke kill kubectl launch load manually mark merge migrate modify move notify "
    "open page pause pin point press promote psql publish pull purge push put re-deploy re-enable re-run reapply "
    "rebuild reconfigure recreate recover redeploy redirect re-point reinstall release reload remove rename "
    "repeat replace replay repoint rerun reset resize restart restore resume retag retire revert reverse revoke "
    "roll rollback rotate route run scale select send set shift shut ship start stop submit swap switch sync take "
    "tell terminate terraform toggle trigger truncate turn undeploy undo uninstall unpublish unset untag update "
    "upload use yank"
)
"""What a step of a way back begins with; its `-ing` form counts as well."""
FILLERS = _words(
    "again also already always as be can could either finally first fully have if immediately just last lastly manually"
    " may might need needed next now once only possibly quickly safely second shall simply so step third will would"
    " easily i 1 2 3"
)
"""May stand before the word that says what to do."""
BE = _words("is are was were has had have will would of itself request requests plan window log set-up")
"""Behind a word for doing, these make a noun of it: `change is small`."""
NEGATIONS = _words("not no never cannot can't don't doesn't won't isn't impossible unable nothing without")
"""A clause with one of these says what is not done."""
TICKET_WORDS = _words(
    "a and also at close closed closes fix fixed fixes for in incident is issue issues jira link of on or part "
    "ref refs related relates resolve resolved resolves see ticket tickets the this to with work"
)
"""May stand beside a ticket's key and say nothing themselves."""
