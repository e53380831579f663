package dev.lifeboat.workflows.runbook.dumprestore;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreQuery;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Live;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.AskedTables;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Source;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.UnknownTable;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides from facts what a restore of a dump does, or every reason why it does not. */
public final class DumpRestorePlanning {

    /** PostgreSQL keeps 63 bytes of a name. */
    public static final int LONGEST_NAME = 63;

    private static final int MOST_JOBS = 16;
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuuMMdd_HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final DumpRestoreInput input;
    private final DumpRestoreFacts facts;
    private final List<RecoveryFailure> refusals = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    private DumpRestorePlanning(DumpRestoreInput input, DumpRestoreFacts facts) {
        this.input = input;
        this.facts = facts;
    }

    public static DumpRestoreQuery query(DumpRestoreInput input) {
        return new DumpRestoreQuery(input.cluster(), input.database(), input.backup());
    }

    /** @param now becomes a part of the names */
    public static PlannedDumpRestore decide(
            DumpRestoreInput input, DumpRestoreFacts facts, Source source, Instant now) {
        return new DumpRestorePlanning(input, facts).decide(source, now);
    }

    private PlannedDumpRestore decide(Source source, Instant now) {
        String restored = input.into() == null ? dated(input.database(), "restored", now) : input.into();
        String kept = input.clean() && facts.live() != null ? dated(input.database(), "before", now) : null;
        refuseTaken(restored, kept);
        refuseSource(source);
        refuseUnknownTables(source);
        refuseLogin();
        Live live = facts.live();
        if (input.clean() && live != null) {
            refuseSwap(live);
        }
        tell(source, live);
        if (!refusals.isEmpty()) {
            return new PlannedDumpRestore(null, List.copyOf(refusals), List.copyOf(findings));
        }
        int jobs = input.jobs() > 0 ? input.jobs() : Math.max(1, Math.min(MOST_JOBS, facts.cores()));
        DumpRestorePlan plan = new DumpRestorePlan(
                input.cluster(),
                input.database(),
                restored,
                kept,
                input.clean(),
                live != null,
                source,
                jobs,
                input.tables(),
                input.allowSql(),
                input.clean() ? facts.writers() : List.of(),
                live == null ? facts.lastCommitAt() : facts.readAt(),
                digest(source, restored, kept));
        return new PlannedDumpRestore(plan, List.of(), List.copyOf(findings));
    }

    private void refuseTaken(String restored, @Nullable String kept) {
        for (String name : kept == null ? List.of(restored) : List.of(restored, kept)) {
            if (facts.databases().contains(name)) {
                refuse(
                        FailureCode.DATABASE_EXISTS,
                        "cannot restore into %s: %s has a database of that name already"
                                .formatted(name, input.cluster()),
                        "give another name with --into, or leave it out for a dated one; nothing is ever restored over a database");
            }
        }
    }

    private void refuseSource(Source source) {
        if (source.bytes().format() == Format.SQL) {
            if (!input.allowSql()) {
                refuse(
                        FailureCode.DUMP_UNUSABLE,
                        "cannot restore %s: it is plain SQL, which is run as it stands".formatted(source.address()),
                        "look what is in it, then add --allow-sql-fallback");
            }
            if (!input.tables().isEmpty()) {
                refuse(
                        FailureCode.DUMP_UNUSABLE,
                        "cannot restore single tables of %s: plain SQL is run as a whole".formatted(source.address()),
                        "leave --tables out");
            }
        }
        if (input.strictSniff() && !source.disagreements().isEmpty()) {
            refuse(
                    FailureCode.DUMP_UNUSABLE,
                    "cannot restore %s: %s".formatted(source.address(), String.join("; ", source.disagreements())),
                    "find out who named it so; or leave --strict-sniff out");
        }
    }

    private void refuseUnknownTables(Source source) {
        AskedTables asked = source.asked();
        if (asked == null) {
            return;
        }
        for (UnknownTable unknown : asked.unknown()) {
            refuse(
                    FailureCode.UNKNOWN_TABLE,
                    unknown.kind().isEmpty()
                            ? "cannot restore the table %s: %s has %s, and none of that name"
                                    .formatted(
                                            unknown.name(),
                                            source.address(),
                                            ReportWords.count(asked.tables(), "table", "tables"))
                            : "cannot restore the table %s: in %s it is a %s, and only tables can be restored singly"
                                    .formatted(unknown.name(), source.address(), unknown.kind()),
                    (unknown.near().isEmpty() ? "" : "nearest is " + String.join(", ", unknown.near()) + "; ")
                            + "'pg_restore --list' of the dump shows all that are in it; without --tables everything is restored");
        }
    }

    private void refuseLogin() {
        if (!facts.login().superuser() && !facts.login().createsDatabases()) {
            refuse(
                    FailureCode.PRIVILEGE_MISSING,
                    "cannot restore beside %s: the user %s may not create a database"
                            .formatted(input.database(), facts.login().user()),
                    "let a superuser say: alter role \"%s\" createdb"
                            .formatted(facts.login().user()));
        }
    }

    private void refuseSwap(Live live) {
        if (live.template()) {
            refuse(
                    FailureCode.SWAP_IMPOSSIBLE,
                    "cannot replace the database %s: the server itself needs it".formatted(input.database()),
                    "restore beside it with --into NAME, and copy what is needed");
        }
        if (!facts.login().superuser() && !live.ours()) {
            refuse(
                    FailureCode.PRIVILEGE_MISSING,
                    "cannot replace the database %s: it belongs to %s, and the user %s may not rename it"
                            .formatted(
                                    input.database(),
                                    live.owner(),
                                    facts.login().user()),
                    "let Lifeboat log in as a superuser or as a member of %s; or restore beside with --into NAME"
                            .formatted(live.owner()));
        }
        if (!facts.login().superuser() && !facts.login().signals()) {
            refuse(
                    FailureCode.PRIVILEGE_MISSING,
                    "cannot replace the database %s: the user %s may not end the sessions of others"
                            .formatted(input.database(), facts.login().user()),
                    "let a superuser say: grant pg_signal_backend to \"%s\""
                            .formatted(facts.login().user()));
        }
        if (!live.subscriptions().isEmpty()) {
            refuse(
                    FailureCode.SWAP_IMPOSSIBLE,
                    "cannot replace the database %s: another cluster feeds it by the subscriptions %s, which no dump can go on with"
                            .formatted(input.database(), String.join(", ", live.subscriptions())),
                    "restore beside with --into NAME; or drop the subscriptions first, and make them anew afterwards");
        }
        if (live.prepared() > 0) {
            refuse(
                    FailureCode.SWAP_IMPOSSIBLE,
                    "cannot replace the database %s: it has %s, and none with one can be renamed"
                            .formatted(
                                    input.database(),
                                    ReportWords.count(
                                            live.prepared(), "prepared transaction", "prepared transactions")),
                    "end each of 'select gid from pg_prepared_xacts' with COMMIT PREPARED or ROLLBACK PREPARED");
        }
    }

    private void tell(Source source, @Nullable Live live) {
        source.disagreements()
                .forEach(each -> findings.add(new Finding(
                        "medium",
                        "%s: %s".formatted(source.address(), each),
                        "find out who named it so; with --strict-sniff such a dump is refused")));
        facts.unreadable()
                .forEach(each -> findings.add(new Finding(
                        "medium",
                        "a dump that nobody can read: " + each,
                        "look at the object, or restore its version")));
        if (source.choice().kind() != Kind.DUMP) {
            findings.add(new Finding(
                    "medium",
                    "%s has no manifest: whether all of it was restored nobody can tell".formatted(source.address()),
                    "compare the restored database by hand with what you know of it"));
        }
        if (source.asked() != null && !source.asked().empty().isEmpty()) {
            findings.add(new Finding(
                    "medium",
                    "the dump has no rows of %s: of a partitioned table the partitions have them"
                            .formatted(String.join(", ", source.asked().empty())),
                    "name the partitions in --tables too"));
        }
        String doubt = source.choice().kind() == Kind.DUMP
                ? facts.doubts().get(source.choice().name())
                : null;
        if (doubt != null) {
            findings.add(new Finding(
                    "high",
                    "the dump %s was not found good when it was last restored: %s"
                            .formatted(source.choice().name(), doubt),
                    facts.dumps().stream()
                            .map(Dump::id)
                            .filter(id -> !facts.doubts().containsKey(id))
                            .reduce((older, newer) -> newer)
                            .map(id -> "the newest that nobody doubts is another: --backup " + id)
                            .orElse("there is no other that nobody doubts; 'lifeboat backups %s' lists all"
                                    .formatted(input.cluster()))));
        }
        if (live != null && !live.slots().isEmpty() && input.clean()) {
            findings.add(new Finding(
                    "high",
                    "others follow %s by the logical replication slots %s, which stay with the replaced database"
                            .formatted(input.database(), String.join(", ", live.slots())),
                    "make them anew on the restored database, and let who follows copy everything again"));
        }
    }

    private void refuse(FailureCode code, String what, String hint) {
        refusals.add(new RecoveryFailure(code, what, hint));
    }

    private static String dated(String database, String what, Instant now) {
        String suffix = "_" + what + "_" + DATE.format(now);
        return shortened(database, LONGEST_NAME - suffix.length()) + suffix;
    }

    /** In bytes, and never in the middle of a character. */
    private static String shortened(String name, int bytes) {
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length > bytes) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }

    private String digest(Source source, String restored, @Nullable String kept) {
        String decisions = String.join(
                "\n",
                List.of(
                        input.cluster(),
                        input.database(),
                        source.address(),
                        String.valueOf(source.storedBytes()),
                        restored,
                        Objects.toString(kept),
                        input.tables().toString(),
                        facts.writers().toString()));
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(decisions.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
