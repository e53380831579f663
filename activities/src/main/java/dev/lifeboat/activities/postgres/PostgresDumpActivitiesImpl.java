package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.contract.postgres.PostgresDumpActivities;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Dumps of the databases of one cluster. */
final class PostgresDumpActivitiesImpl implements PostgresDumpActivities {

    private final ClusterAccess access;

    PostgresDumpActivitiesImpl(ClusterAccess access) {
        this.access = access;
    }

    @Override
    public FoundDatabases findDatabases(DumpQuery query) {
        access.requireName(query.cluster());
        DumpReadiness.Chosen chosen = new DumpReadiness(access).choose(query.database());
        return new FoundDatabases(
                chosen.databases(),
                StepOutcome.of(
                                ReportWords.count(chosen.databases().size(), "database", "databases"),
                                access.workerName())
                        .withFindings(chosen.findings()));
    }

    @Override
    public TakenDump dumpDatabase(DumpOrder order) {
        access.requireName(order.cluster());
        long begin = System.nanoTime();
        return Beats.during("dumping " + order.database(), "bytes", watch -> {
            try (WorkspaceLock lock = lock()) {
                Deadline deadline = new Deadline(
                        watch,
                        "the dump of database " + order.database(),
                        access.cluster().dumps().timeout(),
                        "'dump-timeout' of %s in lifeboat.yaml is how long it may take; the log of this step says how far it came"
                                .formatted(order.cluster()));
                DumpManifest manifest = new DumpTaker(access, order.fence(), order.database(), deadline).take();
                return new TakenDump(
                        manifest.toDump(null), StepOutcome.of(detail(manifest, begin), access.workerName()));
            } catch (IOException e) {
                throw FileTrees.failed("dump the database " + order.database(), e);
            }
        });
    }

    private static String detail(DumpManifest manifest, long begin) {
        DatabaseFacts facts = manifest.facts();
        return "%s: %s with %s, %s, %s stored"
                .formatted(
                        manifest.database(),
                        ReportWords.count(facts.tables().size(), "table", "tables"),
                        ReportWords.count(
                                facts.tables().stream()
                                        .mapToLong(DatabaseFacts.Table::rows)
                                        .sum(),
                                "row",
                                "rows"),
                        PostgresBackupActivitiesImpl.rate(manifest.bytes(), System.nanoTime() - begin),
                        Bytes.text(manifest.storedBytes()));
    }

    @Override
    public StepOutcome verifyDump(DumpRef dump) {
        access.requireName(dump.cluster());
        DumpManifest manifest = access.dumps().read(dump.dumpId());
        long begin = System.nanoTime();
        return Beats.during("reading back " + manifest.database(), "bytes", watch -> {
            try {
                List<Check> checks = new ArrayList<>(new DumpVerification(access, manifest, watch).checks());
                List<Check> shrink = DumpShrink.checks(manifest, access.dumps().manifests(lately(manifest)));
                checks.addAll(shrink);
                return StepOutcome.of(
                                "%s: %s"
                                        .formatted(
                                                manifest.database(),
                                                PostgresBackupActivitiesImpl.rate(
                                                        manifest.archive().bytes(), System.nanoTime() - begin)),
                                access.workerName())
                        .withChecks(checks)
                        .withFindings(findings(manifest, shrink));
            } catch (IOException e) {
                throw FileTrees.failed("read back the dump " + manifest.id(), e);
            }
        });
    }

    /** Those to compare it with: of the days before, and the last one, however old. */
    private List<String> lately(DumpManifest manifest) {
        List<String> ids = access.dumps().idsOf(manifest.database());
        List<String> before = ids.subList(0, Math.max(0, ids.indexOf(manifest.id())));
        Stream<String> days = before.stream().filter(id -> DumpId.begunAt(id)
                .filter(begun -> begun.isAfter(manifest.startedAt().minus(DumpShrink.DAYS.plusDays(1))))
                .isPresent());
        return Stream.concat(before.stream().skip(Math.max(0, before.size() - 1)), days)
                .distinct()
                .toList();
    }

    private static List<Finding> findings(DumpManifest manifest, List<Check> shrink) {
        return shrink.stream()
                .filter(check -> check.verdict() == Verdict.FAIL)
                .map(check -> new Finding(
                        "high",
                        "the dump %s has shrunk: %s, expected was %s"
                                .formatted(manifest.id(), check.observed(), check.expected()),
                        "see whether %s lost something, before retention removes the dumps that have it: 'lifeboat backups %s'"
                                .formatted(manifest.database(), manifest.cluster())))
                .toList();
    }

    private WorkspaceLock lock() throws IOException {
        FileTrees.makePrivate(access.folder().root(), access.user());
        return WorkspaceLock.take(access.folder().root().resolve("dump.lock"), access.user());
    }
}
