package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Where things go, and the digest that an approval is given for. */
final class PlanDigest {

    private PlanDigest() {}

    /** Signs decisions only: the end of WAL grows every second and is none. */
    static RecoveryPlan sign(RecoveryPlan plan) {
        String decisions = String.join(
                "\n",
                List.of(
                        plan.cluster(),
                        plan.systemId(),
                        plan.placement().toString(),
                        plan.target().getClass().getSimpleName(),
                        plan.target().asTyped(),
                        String.valueOf(plan.exclusive()),
                        plan.backup().id(),
                        String.valueOf(plan.timeline()),
                        plan.path().toString(),
                        Objects.toString(plan.stopLsn()),
                        plan.directories().toString(),
                        plan.writers().toString()));
        return new RecoveryPlan(
                plan.cluster(),
                plan.systemId(),
                plan.placement(),
                plan.target(),
                plan.exclusive(),
                plan.backup(),
                plan.timeline(),
                plan.path(),
                plan.stopLsn(),
                plan.lastCommitAt(),
                plan.nextCommitAt(),
                plan.firstSegment(),
                plan.lastSegment(),
                plan.segments(),
                plan.lastArchivedCommitAt(),
                plan.directories(),
                plan.writers(),
                sha256(decisions));
    }

    /** The copy lies on the file system that it is meant for, so that a rename can move it. */
    static Directories directories(PitrRecoveryInput input, LiveCluster live) {
        String data = live.dataDirectory();
        String beside = data.substring(0, Math.max(0, data.lastIndexOf('/'))) + "/lifeboat-" + input.cluster();
        return switch (input.placement()) {
            case IN_PLACE -> inWorkspace(data, beside + "/recovery");
            case DRILL -> inWorkspace(data, beside + "/drill");
            case INTO -> {
                String into = Objects.requireNonNull(input.into());
                yield new Directories(data, into, into + ".lifeboat", input.port());
            }
        };
    }

    private static Directories inWorkspace(String live, String workspace) {
        return new Directories(live, workspace + "/data", workspace, 0);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
