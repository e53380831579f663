package dev.lifeboat.activities.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lifeboat.activities.evidence.EvidenceActivitiesImpl;
import dev.lifeboat.activities.objectstore.BucketLeases;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.activities.store.RunLiveness;
import dev.lifeboat.activities.store.StepTranscripts;
import dev.lifeboat.activities.store.StepTranscripts.Attempt;
import dev.lifeboat.activities.store.StepTranscripts.Writing;
import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.StepCall;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.ReportQuery;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.objectstore.LeaseActivities.LeaseRequest;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Fence;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Leases, evidence, and lists. */
final class SmallObjectFaultPaths {

    private static final Instant STARTED = Instant.parse("2026-08-22T09:31:07.120Z");
    private static final String RUN = "pitr-recovery/main";

    private SmallObjectFaultPaths() {}

    static List<FaultPath> all() {
        return List.of(
                BackupFaultPaths.path("lease taken", (method, path) -> path.contains("leases/"), Leasing::new),
                BackupFaultPaths.path(
                        "evidence: report written",
                        (method, path) -> path.contains("/evidence/") && !path.contains("/steps/"),
                        place -> new Reporting(place)),
                BackupFaultPaths.path(
                        "evidence: report read",
                        (method, path) -> method.equals("GET") && path.contains("report.json"),
                        place -> new ReadingReport(place)),
                BackupFaultPaths.path(
                        "evidence: step logs", (method, path) -> path.contains("/steps/"), place -> new Logging(place)),
                BackupFaultPaths.path("a list", (method, path) -> path.contains("list-type=2"), Listing::new));
    }

    private static final class Leasing implements FaultPath.Scene {
        private static final LeaseRequest ANA = new LeaseRequest("main", RUN, "run-ana", "default", true, false);
        private static final LeaseRequest BEN =
                new LeaseRequest("main", "pitr-recovery/main/drill", "run-ben", "default", true, false);

        private final FaultPath.Place place;
        private @Nullable Fence fence;

        Leasing(FaultPath.Place place) {
            this.place = place;
        }

        @Override
        public boolean attempt() {
            BucketLeases leases = leases(place.through());
            Fence taken = leases.take(ANA);
            leases.check(taken);
            fence = taken;
            return true;
        }

        @Override
        public void requireIntact() {
            assertThat(fence).isEqualTo(new Fence("main", 1, "run-ana"));
            assertThat(place.direct().list(BucketLayout.LEASES)).hasSize(1);
            assertThatThrownBy(() -> leases(place.direct()).take(BEN))
                    .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                            .isEqualTo(FailureCode.LEASE_HELD));
            leases(place.direct()).check(new Fence("main", 1, "run-ana"));
        }

        /** Who was not told that it is his may have it all the same; another one must not get the same number. */
        @Override
        public void requireNothingWrong() {
            List<StoredObject> numbers = place.direct().list(BucketLayout.LEASES);
            assertThat(numbers.size()).isLessThanOrEqualTo(1);
            if (!numbers.isEmpty()) {
                assertThatThrownBy(() -> leases(place.direct()).take(BEN)).isInstanceOf(RecoveryFailure.class);
            }
        }

        private static BucketLeases leases(ObjectStore store) {
            return new BucketLeases(store, (run, runId, namespace) -> RunLiveness.State.OPEN);
        }
    }

    private static class Reporting implements FaultPath.Scene {
        final FaultPath.Place place;
        final RunReport report = Json.read(REPORT.getBytes(UTF_8), RunReport.class, "the test");

        Reporting(FaultPath.Place place) {
            this.place = place;
            place.direct().put(folder() + "steps/01-plan-recovery-1.log", "log".getBytes(UTF_8));
        }

        @Override
        public boolean attempt() {
            new EvidenceActivitiesImpl(place.through()).writeReport(report);
            return true;
        }

        @Override
        public void requireIntact() throws Exception {
            String sums = new String(place.direct().readAll(folder() + BucketLayout.EVIDENCE_SUMS), UTF_8);
            Set<String> named = sums.lines().map(line -> line.substring(66)).collect(Collectors.toSet());
            assertThat(named)
                    .containsExactlyInAnyOrder(
                            "report.json", "report.md", "report.html", "steps/01-plan-recovery-1.log");
            for (String line : sums.lines().toList()) {
                byte[] content = place.direct().readAll(folder() + line.substring(66));
                assertThat(HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(content)))
                        .isEqualTo(line.substring(0, 64));
            }
        }

        /** The sums close a folder: with them it is complete. */
        @Override
        public void requireNothingWrong() throws Exception {
            if (place.direct().head(folder() + BucketLayout.EVIDENCE_SUMS).isPresent()) {
                requireIntact();
            }
        }

        static String folder() {
            return BucketLayout.evidence(RUN, STARTED, "0192-a");
        }
    }

    private static final class ReadingReport extends Reporting {
        private @Nullable RunReport read;

        ReadingReport(FaultPath.Place place) {
            super(place);
            new EvidenceActivitiesImpl(place.direct()).writeReport(report);
        }

        @Override
        public boolean attempt() {
            read = new EvidenceActivitiesImpl(place.through()).readReport(new ReportQuery(RUN, null));
            return true;
        }

        @Override
        public void requireIntact() throws Exception {
            RunReport found = Objects.requireNonNull(read);
            assertThat(found.steps()).isEqualTo(report.steps());
            super.requireIntact();
        }

        @Override
        public void requireNothingWrong() {
            assertThat(read).isNull();
        }
    }

    private static final class Logging implements FaultPath.Scene {
        private static final Duration LIMIT = Duration.ofSeconds(60);

        private final FaultPath.Place place;
        private final StepTranscripts transcripts;
        private final Attempt attempt = new Attempt(RUN, "0192-a", new StepCall(STARTED, 7, "replay-wal"), 2, "X");
        private boolean said;

        Logging(FaultPath.Place place) {
            this.place = place;
            this.transcripts = new StepTranscripts(place.through(), "1@here", List::of);
        }

        /** The step itself never waits longer than a moment for its log; two late requests would be ten seconds. */
        @Override
        public boolean attempt() {
            if (!said) {
                said = true;
                long began = System.nanoTime();
                try (Writing writing = transcripts.begin(attempt)) {
                    Transcript.note("replayed");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
                return isThere();
            }
            await().atMost(LIMIT).until(this::isThere);
            return true;
        }

        @Override
        public void requireIntact() {
            assertThat(new String(place.direct().readAll(key()), UTF_8)).contains("begins", "replayed");
        }

        /** It may have come since the attempt looked. */
        @Override
        public void requireNothingWrong() {
            if (isThere()) {
                requireIntact();
            }
        }

        @Override
        public void close() {
            transcripts.close();
        }

        private boolean isThere() {
            return place.direct().head(key()).isPresent();
        }

        private String key() {
            return BucketLayout.evidence(RUN, STARTED, "0192-a") + "steps/07-replay-wal-2.log";
        }
    }

    private static final class Listing implements FaultPath.Scene {
        private final FaultPath.Place place;
        private @Nullable List<StoredObject> found;

        Listing(FaultPath.Place place) {
            this.place = place;
            for (int i = 0; i < 5; i++) {
                place.direct().put("many/" + i, new byte[] {1});
            }
        }

        @Override
        public boolean attempt() {
            found = place.through().list("many/");
            return true;
        }

        @Override
        public void requireIntact() {
            assertThat(found)
                    .extracting(StoredObject::key)
                    .containsExactly("many/0", "many/1", "many/2", "many/3", "many/4");
        }

        @Override
        public void requireNothingWrong() {
            assertThat(found).isNull();
        }
    }

    private static final String REPORT =
            """
            { "format": 1, "runbook": "pitr-recovery", "run": "pitr-recovery/main", "runId": "0192-a", "mode": "recovery",
              "requestedBy": "ana@ops-1", "reason": "bad deploy 4711", "workers": ["4711@db-1"], "resumes": 1,
              "startedAt": "2026-08-22T09:31:07.120Z", "endedAt": "2026-08-22T09:32:02.004Z",
              "inputs": { "cluster": "main", "target": "2026-08-22T09:15:00Z" },
              "verdicts": { "executed": "pass", "verified": "fail", "rto": "pass", "rpo": "not-measured", "clean": "pass" },
              "exitCode": 3,
              "objectives": { "rto": "PT1H", "rpo": "PT1H" },
              "achieved": { "recoveryTime": "PT41.2S", "humanWait": "PT13.7S", "dataLoss": "PT0S", "givenUp": "PT16M7S" },
              "source": { "baseBackup": "20260822T013000Z", "walFrom": "00000001000000000000000A",
                "walTo": "0000000100000000000000DD", "segments": 212 },
              "steps": [ { "id": "restore-base-backup", "state": "done", "attempts": 2,
                "startedAt": "2026-08-22T09:31:24Z", "endedAt": "2026-08-22T09:31:36.900Z", "duration": "PT12.9S",
                "detail": "2.2 GiB, 171 MiB/s" } ],
              "checks": [], "findings": [], "leftBehind": [], "answers": [] }
            """;
}
