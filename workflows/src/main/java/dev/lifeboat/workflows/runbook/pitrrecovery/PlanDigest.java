package dev.lifeboat.workflows.runbook.pitrrecovery;

import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.TablespacePlace;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

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
                        text(plan.directories()),
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
                sha256(decisions),
                plan.standbys());
    }

    /** The copy lies on the file system that it is meant for, so that a rename can move it. */
    static Directories directories(PitrRecoveryInput input, LiveCluster live, BaseBackup backup) {
        String data = live.dataDirectory();
        String beside = data.substring(0, Math.max(0, data.lastIndexOf('/'))) + "/lifeboat-" + input.cluster();
        return switch (input.placement()) {
            case IN_PLACE -> {
                String inside = "/lifeboat-" + input.cluster() + "/recovery";
                yield inWorkspace(data, beside + "/recovery", places(backup, each -> each.location() + inside));
            }
            case DRILL -> {
                String tablespaces = beside + "/drill/tablespaces/";
                yield inWorkspace(data, beside + "/drill", places(backup, each -> tablespaces + each.oid()));
            }
            case INTO -> {
                String into = Objects.requireNonNull(input.into());
                yield new Directories(
                        data,
                        into,
                        into + ".lifeboat",
                        input.port(),
                        places(backup, each -> into + ".tablespaces/" + each.oid()));
            }
        };
    }

    private static Directories inWorkspace(String live, String workspace, List<TablespacePlace> tablespaces) {
        return new Directories(live, workspace + "/data", workspace, 0, tablespaces);
    }

    /** In place a rename must do, so each copy lies inside the original's own folder, which may be a mount point. */
    private static List<TablespacePlace> places(BaseBackup backup, Function<Tablespace, String> copy) {
        return backup.tablespaces().stream()
                .filter(each -> !each.liesInDataDirectory())
                .map(each -> new TablespacePlace(each.oid(), each.name(), each.location(), copy.apply(each)))
                .toList();
    }

    /** In words of its own: the digest of a plan without tablespaces stays what it was. */
    private static String text(Directories directories) {
        String places = "Directories[live=%s, copy=%s, workspace=%s, port=%d]"
                .formatted(directories.live(), directories.copy(), directories.workspace(), directories.port());
        return directories.tablespaces().isEmpty() ? places : places + directories.tablespaces();
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
