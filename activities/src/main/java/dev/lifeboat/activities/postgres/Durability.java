package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Turns a disposable copy into one that may be accepted: written out, stopped cleanly, synced, with its owner's settings
 * and none of ours.
 */
final class Durability {

    private static final Duration LONG = Duration.ofHours(6);

    private final PostgresCluster cluster;
    private final RecoveryPlan plan;
    private final RecoveryWorkspace workspace;
    private final CopyServer server;

    Durability(PostgresCluster cluster, RecoveryPlan plan, RecoveryWorkspace workspace) {
        this.cluster = cluster;
        this.plan = plan;
        this.workspace = workspace;
        this.server = new CopyServer(cluster, workspace);
    }

    /** The server must be down afterwards; a second call confirms what the first one did. */
    List<Check> establish() {
        if (server.find().isPresent()) {
            new CopySession(cluster, workspace).require(CopySession.ANY_DATABASE, "checkpoint");
            server.stop();
        }
        ControlFile control = ControlFile.read(cluster.binary("pg_controldata"), workspace.user(), workspace.copy());
        if (!control.state().equals("shut down")) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "the copy cannot be accepted: its control file says '%s', not 'shut down'"
                            .formatted(control.state()),
                    "its log is in " + workspace.logs() + "; retry starts it again and stops it cleanly");
        }
        if (!workspace.has("durable")) {
            try {
                clean();
            } catch (IOException e) {
                throw FileTrees.failed("clean " + workspace.copy(), e);
            }
            sync();
            workspace.write("durable", control.checkpoint() + "\n");
            forgetWal();
        }
        return List.of(
                Check.of("state of the copy", "shut down", control.state(), true),
                Check.of("everything is on the disk", "synced", "synced", true));
    }

    /** True when the copy needs no more than a look: it was made durable and runs no server. */
    boolean isDone() {
        return workspace.has("durable") && server.find().isEmpty();
    }

    private void clean() throws IOException {
        Path copy = workspace.copy();
        for (String name : List.of("backup_label.old", "tablespace_map.old", "recovery.signal", "standby.signal")) {
            Files.deleteIfExists(copy.resolve(name));
        }
        Files.deleteIfExists(copy.resolve("postmaster.opts"));
        if (workspace.has("auto-conf")) {
            FileTrees.replace(copy.resolve("postgresql.auto.conf"), acceptedSettings(), workspace.user());
        }
    }

    /** Nobody replays any more; what was fetched ahead only takes room. */
    private void forgetWal() {
        try {
            FileTrees.delete(workspace.wal());
        } catch (IOException e) {
            throw FileTrees.failed("empty " + workspace.wal(), e);
        }
    }

    /** A copy beside the live cluster must never archive to the same place. */
    private String acceptedSettings() {
        String original = workspace.read("auto-conf");
        if (plan.placement() == Placement.IN_PLACE) {
            return AutoConf.forAccepted(original);
        }
        return AutoConf.forCopy(original) + "\narchive_mode = 'off'\n";
    }

    private void sync() {
        Commands.require(
                workspace.user(),
                List.of(
                        cluster.binary("initdb").toString(),
                        "--sync-only",
                        "-D",
                        workspace.copy().toString()),
                Map.of(),
                LONG);
    }
}
