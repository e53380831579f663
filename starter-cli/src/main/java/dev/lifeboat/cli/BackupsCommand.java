package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.postgres.PostgresCatalogActivities.BackupEntry;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Backups;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "backups", description = "The catalogue: what exists, how big, proved restorable when.")
final class BackupsCommand implements Callable<Integer> {

    private static final String DUMP = "dump";

    private final Tool tool;

    @Parameters(paramLabel = "CLUSTER", arity = "0..1")
    private @Nullable String cluster;

    BackupsCommand(Tool tool) {
        this.tool = tool;
    }

    @Override
    public Integer call() {
        Collection<String> clusters = cluster == null
                ? tool.config().postgres().keySet()
                : List.of(tool.cluster(cluster).name());
        List<BackupEntry> backups = new ArrayList<>();
        for (String name : clusters) {
            List<BackupEntry> found = tool.inquiries().ask(new Backups(name)).backups();
            backups.addAll(found == null ? List.of() : found);
        }
        tool.print(Map.of("backups", backups), backups.isEmpty() ? nothing(clusters) : table(clusters, backups));
        return ExitCode.DONE.number();
    }

    private static String proved(BackupEntry backup) {
        if (backup.damage() != null) {
            return "damaged";
        }
        if (backup.doubt() != null) {
            return "DOUBTED";
        }
        return backup.provedAt() == null ? "never" : "proved " + Words.utc(backup.provedAt());
    }

    private static List<String> nothing(Collection<String> clusters) {
        return List.of(
                "there is no backup of " + String.join(", ", clusters) + " yet",
                "take one with 'lifeboat start base-backup --cluster "
                        + clusters.iterator().next() + "', and dumps with 'lifeboat start daily-dump --cluster "
                        + clusters.iterator().next() + "'");
    }

    private static List<String> table(Collection<String> clusters, List<BackupEntry> backups) {
        Table table =
                new Table().row("ID", "KIND", "CLUSTER", "ENDED", "SIZE", "STORED", "TIMELINE", "PINNED", "PROVED");
        for (BackupEntry backup : backups) {
            table.row(
                    backup.id(),
                    backup.kind(),
                    backup.cluster() + (backup.database() == null ? "" : "." + backup.database()),
                    Words.utc(backup.endedAt()),
                    Words.bytes(backup.bytes()),
                    Words.bytes(backup.storedBytes()),
                    backup.timeline() == null ? "" : backup.timeline().toString(),
                    backup.pinned() ? "pinned" : "-",
                    proved(backup));
        }
        List<String> lines = new ArrayList<>(table.lines());
        backups.stream()
                .filter(backup -> backup.damage() != null)
                .forEach(backup -> lines.add("%s is damaged: %s".formatted(backup.id(), backup.damage())));
        backups.stream()
                .filter(backup -> backup.doubt() != null)
                .forEach(backup -> lines.add("%s was not found good: %s".formatted(backup.id(), backup.doubt())));
        List<BackupEntry> base =
                backups.stream().filter(backup -> !backup.kind().equals(DUMP)).toList();
        if (!base.isEmpty() && base.stream().allMatch(backup -> backup.provedAt() == null)) {
            lines.add(
                    "no base backup is proved to be restorable; a drill proves one: 'lifeboat start pitr-recovery --cluster "
                            + base.get(base.size() - 1).cluster() + " --target latest --drill'");
        }
        lines.addAll(withoutDump(clusters, backups));
        return lines;
    }

    private static List<String> withoutDump(Collection<String> clusters, List<BackupEntry> backups) {
        return clusters.stream()
                .filter(cluster -> backups.stream()
                        .noneMatch(backup ->
                                backup.kind().equals(DUMP) && backup.cluster().equals(cluster)))
                .map(cluster -> "there is no dump of %s yet; take one with 'lifeboat start daily-dump --cluster %1$s'"
                        .formatted(cluster))
                .toList();
    }
}
