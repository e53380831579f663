package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.Leases;
import dev.lifeboat.config.LifeboatConfig.PostgresCluster;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.RecoveryOrder;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One configured cluster, who its server runs as, and the notes that a recovery keeps of what it changed on it. The
 * notes lie in Lifeboat's folder beside the data directory, not in a run's workspace: they outlive a run that was
 * abandoned, because without them nobody could undo what it did.
 */
record LiveContext(
        PostgresCluster cluster, ServerUser user, Leases leases, Map<String, String> environment, String workerName) {

    static LiveContext of(PostgresCluster cluster, Leases leases, Map<String, String> environment, String workerName) {
        return new LiveContext(cluster, new ServerUser(cluster.runAs()), leases, environment, workerName);
    }

    Path dataDirectory() {
        return cluster.dataDirectory();
    }

    String binary(String program) {
        return cluster.binary(program).toString();
    }

    /** Holds the notes, and the log of a server that {@code pg_ctl} starts. */
    Path folder() {
        return LifeboatFolder.of(cluster).root().resolve("live");
    }

    Path makeFolder() {
        try {
            FileTrees.makePrivate(folder(), user);
            return folder();
        } catch (IOException e) {
            throw FileTrees.failed("make " + folder(), e);
        }
    }

    Path note(String name) {
        return folder().resolve(name + ".json");
    }

    /** Durable when it returns. */
    void write(String name, Object note) {
        try {
            makeFolder();
            FileTrees.replace(note(name), new String(Json.write(note), StandardCharsets.UTF_8), user);
        } catch (IOException e) {
            throw FileTrees.failed("write " + note(name), e);
        }
    }

    <T> Optional<T> read(String name, Class<T> type) {
        try {
            if (!Files.exists(note(name))) {
                return Optional.empty();
            }
            return Optional.of(
                    Json.read(Files.readAllBytes(note(name)), type, note(name).toString()));
        } catch (IOException e) {
            throw FileTrees.failed("read " + note(name), e);
        }
    }

    void forget(String name) {
        try {
            if (Files.deleteIfExists(note(name))) {
                FileTrees.syncFolder(folder());
            }
        } catch (IOException e) {
            throw FileTrees.failed("remove " + note(name), e);
        }
    }

    /** Before every change: the run still holds its lease, and its plan is of this cluster. */
    void mayChange(RecoveryOrder order) {
        if (!order.plan().cluster().equals(cluster.name())) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot change %s: the plan is for the cluster %s"
                            .formatted(cluster.name(), order.plan().cluster()),
                    "check which worker serves which cluster in lifeboat.yaml");
        }
        leases.check(order.fence());
    }

    void mayChange(String named, Fence fence) {
        if (!named.equals(cluster.name())) {
            throw new RecoveryFailure(
                    FailureCode.UNEXPECTED_STATE,
                    "cannot change %s: the order is for the cluster %s".formatted(cluster.name(), named),
                    "check which worker serves which cluster in lifeboat.yaml");
        }
        leases.check(fence);
    }

    StepOutcome outcome(String detail) {
        return StepOutcome.of(detail, workerName);
    }

    StepOutcome leftOut(String reason) {
        return StepOutcome.leftOut(reason, workerName);
    }
}
