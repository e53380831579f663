package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A live cluster of the lab, seen the way the steps of a recovery see it; no bucket. */
final class LiveWorld {

    final LabPostgres server;
    final PostgresCluster cluster;
    final LiveContext context;
    private final String systemId;

    LiveWorld(LabPostgres server, PostgresCluster cluster) {
        this.server = server;
        this.cluster = cluster;
        this.context = LiveContext.of(cluster, fence -> {}, Map.of(), "1@test");
        this.systemId = ControlFile.read(cluster.binary("pg_controldata"), context.user(), cluster.dataDirectory())
                .systemId();
    }

    static LiveWorld of(LabPostgres server) {
        return new LiveWorld(server, server.config());
    }

    /** @param run its id; a second run has another one */
    RecoveryOrder order(String run, String... writers) {
        Path workspace = LifeboatFolder.of(cluster).root().resolve("recovery");
        Lsn somewhere = new Lsn(1);
        BaseBackup backup = new BaseBackup(
                "b", "main", systemId, 150000, 1, somewhere, somewhere, Instant.EPOCH, Instant.EPOCH, 1, 1, 1, null);
        RecoveryPlan plan = new RecoveryPlan(
                cluster.name(),
                systemId,
                Placement.IN_PLACE,
                new RecoveryTarget.Latest(),
                false,
                backup,
                1,
                List.of(),
                null,
                null,
                null,
                "",
                "",
                0,
                null,
                new Directories(
                        cluster.dataDirectory().toString(),
                        workspace.resolve("data").toString(),
                        workspace.toString(),
                        0),
                List.of(writers),
                "digest");
        return new RecoveryOrder(plan, new Fence("main", 1, run));
    }

    /** A stand-in for a recovered copy: the stopped live directory as it is, in the copy's place. */
    Path copyOfLive() throws IOException {
        Path copy = Path.of(order("any").plan().directories().copy());
        FileTrees.makePrivate(copy.resolveSibling(""), context.user());
        Commands.require(
                context.user(),
                List.of("cp", "-a", cluster.dataDirectory().toString(), copy.toString()),
                Map.of(),
                Duration.ofSeconds(60));
        Files.writeString(copy.resolve("this-is-the-copy"), "");
        return copy;
    }
}
