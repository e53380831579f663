package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.config.Runbook;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RunMode;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupInput;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflow;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpWorkflow;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflow;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationWorkflow;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Judges inputs from words and configuration alone, before Temporal is asked anything. */
final class Inputs {

    /** PostgreSQL keeps 63 bytes of a restore point's name. */
    private static final int LONGEST_NAME = 63;

    /** Below are the frozen, bootstrap and invalid transactions. */
    private static final long FIRST_XID = 3;

    private static final Set<String> OF_RECOVERY = Set.of(
            "cluster",
            "target",
            "target-lsn",
            "target-xid",
            "target-name",
            "exclusive",
            "timeline",
            "backup",
            "into",
            "port");

    private static final Pattern TIMELINE = Pattern.compile("latest|current|[1-9][0-9]{0,9}");

    private final Tool tool;
    private final InputOptions typed;
    private final StartOptions start;
    private final String requestedBy;

    Inputs(Tool tool, InputOptions typed, StartOptions start) {
        this(tool, typed, start, tool.surroundings().person());
    }

    /** @param requestedBy who the report says it was */
    Inputs(Tool tool, InputOptions typed, StartOptions start, String requestedBy) {
        this.tool = tool;
        this.typed = typed;
        this.start = start;
        this.requestedBy = requestedBy;
    }

    RunOrder order(String runbookId) {
        Runbook runbook = tool.runbook(runbookId);
        if (typed.cluster == null) {
            throw CliFailure.usage(
                    runbook.id() + " needs --cluster",
                    "the configuration has: "
                            + String.join(", ", tool.config().postgres().keySet()));
        }
        PostgresCluster cluster = tool.cluster(typed.cluster);
        Objectives objectives = tool.objectives(runbook, cluster);
        RunRequest request =
                new RunRequest(requestedBy, start.reason(), start.yes(), start.takeOver(), objectives, typed.typed());
        return switch (runbook.workflow()) {
            case PitrRecoveryWorkflow.TYPE -> recovery(runbook, cluster, request);
            case BaseBackupWorkflow.TYPE -> backup(runbook, cluster, request);
            case DailyDumpWorkflow.TYPE -> new DumpInputs(typed).order(runbook, cluster, request);
            case DumpRestoreWorkflow.TYPE -> new DumpRestoreInputs(typed).order(runbook, cluster, request);
            case RestoreVerificationWorkflow.TYPE ->
                new VerificationInputs(tool, typed).order(runbook, cluster, request);
            default -> throw CliFailure.notYet(runbook.id());
        };
    }

    private RunOrder backup(Runbook runbook, PostgresCluster cluster, RunRequest request) {
        typed.refuseAllBut(runbook, Set.of("cluster"), false);
        return new RunOrder(
                runbook,
                runbook.id() + "/" + cluster.name(),
                RunMode.BACKUP,
                cluster.name(),
                null,
                request.objectives(),
                new BaseBackupInput(request, cluster.name()));
    }

    private RunOrder recovery(Runbook runbook, PostgresCluster cluster, RunRequest request) {
        typed.refuseAllBut(runbook, OF_RECOVERY, true);
        RecoveryTarget target = target();
        Placement placement = placement(cluster);
        if (typed.timeline != null && !TIMELINE.matcher(typed.timeline).matches()) {
            throw CliFailure.usage(
                    "'" + typed.timeline + "' is not a timeline",
                    "give its decimal number, latest or current; 'lifeboat window " + cluster.name() + "' shows them");
        }
        String suffix =
                switch (placement) {
                    case IN_PLACE -> "";
                    case INTO -> "/into-" + typed.port;
                    case DRILL -> "/drill";
                };
        return new RunOrder(
                runbook,
                runbook.id() + "/" + cluster.name() + suffix,
                placement == Placement.DRILL ? RunMode.DRILL : RunMode.RECOVERY,
                cluster.name(),
                placement,
                request.objectives(),
                new PitrRecoveryInput(
                        request,
                        cluster.name(),
                        target,
                        typed.exclusive,
                        typed.timeline,
                        typed.backup,
                        placement,
                        typed.into,
                        typed.port == null ? 0 : typed.port));
    }

    private Placement placement(PostgresCluster cluster) {
        if (typed.drill && (typed.into != null || typed.port != null)) {
            throw CliFailure.usage(
                    "--drill and " + (typed.into != null ? "--into" : "--port") + " exclude each other",
                    "a drill uses a temporary folder and a private socket; leave one of them out");
        }
        if (typed.into == null && typed.port == null) {
            return typed.drill ? Placement.DRILL : Placement.IN_PLACE;
        }
        if (typed.into == null || typed.port == null) {
            throw CliFailure.usage(
                    typed.into == null ? "--port needs --into" : "--into needs --port",
                    "for example --into /var/lib/postgresql/15/recovered --port 5499");
        }
        checkBeside(cluster, typed.into, typed.port);
        return Placement.INTO;
    }

    private static void checkBeside(PostgresCluster cluster, String into, int port) {
        if (port < 1 || port > 65535) {
            throw CliFailure.usage("--port " + port + " is not a port", "give one between 1 and 65535");
        }
        if (port == cluster.port()) {
            throw CliFailure.usage(
                    "--port " + port + " is the live cluster's own port", "choose another one for the copy");
        }
        Path directory;
        try {
            directory = Path.of(into);
        } catch (InvalidPathException e) {
            throw CliFailure.usage("--into '" + into + "' is not a path", "give an absolute path");
        }
        if (!directory.isAbsolute()) {
            throw CliFailure.usage(
                    "--into '" + into + "' is a relative path",
                    "give an absolute path on the database's host: the worker there has another working folder");
        }
        Path live = cluster.dataDirectory().normalize();
        if (directory.normalize().startsWith(live) || live.startsWith(directory.normalize())) {
            throw CliFailure.usage(
                    "--into '" + into + "' overlaps the live data directory " + live, "choose a folder beside it");
        }
    }

    private RecoveryTarget target() {
        List<String> given = new ArrayList<>();
        Map<String, String> all = typed.typed();
        for (String name : List.of("target", "target-lsn", "target-xid", "target-name")) {
            if (all.containsKey(name)) {
                given.add("--" + name);
            }
        }
        if (given.size() > 1) {
            throw CliFailure.usage(
                    "two targets are given: " + String.join(" and ", given), "leave all but one of them out");
        }
        if (typed.targetLsn != null) {
            return lsn(typed.targetLsn);
        }
        if (typed.targetXid != null) {
            return xid(typed.targetXid);
        }
        if (typed.targetName != null) {
            return restorePoint(typed.targetName);
        }
        return moment(typed.target);
    }

    private RecoveryTarget moment(@Nullable String text) {
        if (text == null) {
            throw CliFailure.usage(
                    "a target is needed: where should recovery stop?",
                    "one of --target 2026-08-22T09:15:00Z, --target latest, --target immediate, --target-lsn,"
                            + " --target-xid, --target-name");
        }
        if (text.equals("latest") || text.equals("immediate")) {
            refuseExclusive("--target " + text);
            return text.equals("latest") ? new RecoveryTarget.Latest() : new RecoveryTarget.Immediate();
        }
        return new RecoveryTarget.AtTime(TargetTime.toMicroseconds(
                TargetTime.parse(text, tool.surroundings().zone()), typed.exclusive));
    }

    private static RecoveryTarget lsn(String text) {
        try {
            return new RecoveryTarget.AtLsn(Lsn.parse(text));
        } catch (IllegalArgumentException e) {
            throw CliFailure.usage(
                    "'" + text + "' is not an LSN such as 0/3000148",
                    "PostgreSQL prints one for 'select pg_current_wal_lsn()'");
        }
    }

    /** The server prints 64 bits, of which the upper half counts the wraparounds; WAL carries the lower half. */
    private static RecoveryTarget xid(String text) {
        try {
            long xid = Long.parseUnsignedLong(text) & 0xFFFFFFFFL;
            if (xid >= FIRST_XID) {
                return new RecoveryTarget.AtXid(xid);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw CliFailure.usage(
                "'" + text + "' is not the number of a transaction",
                "PostgreSQL prints one for 'select pg_current_xact_id()'; the smallest is " + FIRST_XID);
    }

    private RecoveryTarget restorePoint(String name) {
        refuseExclusive("--target-name");
        if (name.isBlank() || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw CliFailure.usage(
                    "a restore point's name has between 1 and " + LONGEST_NAME + " bytes",
                    "give the name that pg_create_restore_point was called with");
        }
        return new RecoveryTarget.AtRestorePoint(name);
    }

    private void refuseExclusive(String with) {
        if (typed.exclusive) {
            throw CliFailure.usage(
                    "--exclusive has no meaning with " + with,
                    "leave it out: only a time, an LSN or a transaction can be excluded");
        }
    }
}
