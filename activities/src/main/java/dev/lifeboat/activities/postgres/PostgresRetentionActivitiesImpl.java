package dev.lifeboat.activities.postgres;

import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.contract.Progress;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.postgres.PostgresRetentionActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import io.temporal.activity.Activity;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Retention of one cluster's backups, which needs nothing but the bucket. */
final class PostgresRetentionActivitiesImpl implements PostgresRetentionActivities {

    private static final Watch NOBODY = new Watch() {
        @Override
        public void progress(Progress now) {}

        @Override
        public void check() {}
    };

    private final ClusterAccess access;
    private final Retention retention;

    PostgresRetentionActivitiesImpl(ClusterAccess access, Retention retention) {
        this.access = access;
        this.retention = retention;
    }

    @Override
    public Expiry planExpiry(String cluster) {
        access.requireName(cluster);
        return new BackupExpiry(access, retention, Clock.systemUTC(), NOBODY)
                .plan()
                .within(BackupExpiry.MOST_ITEMS);
    }

    @Override
    public Expiry expire(ExpiryOrder order) {
        access.requireName(order.cluster());
        String run = Activity.getExecutionContext().getInfo().getWorkflowRunId();
        return Beats.during("deciding what may go", "objects", watch -> new BackupExpiry(
                        access, retention, Clock.systemUTC(), watch)
                .apply(order, run));
    }

    @Override
    public StepOutcome expireBackups(ExpiryOrder order) {
        Expiry done = expire(order);
        List<Finding> findings = new ArrayList<>();
        done.blocked()
                .forEach(why -> findings.add(new Finding(
                        "medium",
                        "nothing old was deleted of %s: %s".formatted(order.cluster(), why),
                        "when that is over: 'lifeboat expire' shows what would go, the next run deletes it")));
        if (order.scope() != Scope.BASE_BACKUPS) {
            done.notes().stream()
                    .filter(note -> note.startsWith(BackupExpiry.NO_DUMP_GOES))
                    .forEach(
                            why -> findings.add(
                                    new Finding(
                                            "medium",
                                            "of %s %s".formatted(order.cluster(), why),
                                            "look at that lease in the bucket, or bring back its earlier version; the next run deletes what is old")));
        }
        done.refused()
                .forEach(item -> findings.add(new Finding(
                        "low",
                        "%s %s of %s was to go, and %s".formatted(item.kind(), item.id(), order.cluster(), item.why()),
                        "it is tried again after each backup; the bucket's own rules say until when it stays")));
        return StepOutcome.of(detail(done), access.workerName()).withFindings(findings);
    }

    private static String detail(Expiry done) {
        if (!done.blocked().isEmpty()) {
            return "nothing deleted: " + done.blocked().get(0);
        }
        if (done.gone().isEmpty() && done.refused().isEmpty()) {
            return "nothing is old enough";
        }
        List<String> words = new ArrayList<>();
        add(words, count(done, "base-backup"), "base backup", "base backups");
        add(words, count(done, "dump"), "dump", "dumps");
        long wal = done.gone().stream()
                .filter(item -> item.kind().equals("wal"))
                .mapToLong(Item::objects)
                .sum();
        add(words, wal, "WAL segment", "WAL segments");
        long bytes = done.gone().stream().mapToLong(Item::bytes).sum();
        return "deleted %s, %s; the list is %s"
                .formatted(words.isEmpty() ? "nothing" : String.join(", ", words), Bytes.text(bytes), done.evidence());
    }

    private static long count(Expiry done, String kind) {
        return done.gone().stream().filter(item -> item.kind().equals(kind)).count();
    }

    private static void add(List<String> words, long number, String one, String many) {
        if (number > 0) {
            words.add(ReportWords.count(number, one, many));
        }
    }

    @Override
    public Pinned pin(PinOrder order) {
        access.requireName(order.cluster());
        return access.pins().apply(order);
    }
}
