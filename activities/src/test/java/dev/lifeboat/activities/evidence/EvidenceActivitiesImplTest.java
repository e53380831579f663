package dev.lifeboat.activities.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FilePiece;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderQuery;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Place;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.RefusedRun;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.ReportQuery;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.Written;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.evidence.RunReport.Previous;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceActivitiesImplTest {

    private static final String FOLDER = "evidence/pitr-recovery/main/20260822T093107Z_0192-a/";

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final EvidenceActivitiesImpl evidence = new EvidenceActivitiesImpl(store);

    @Test
    void aReportIsAFolderOfFourFiles() {
        String address = evidence.writeReport(report("pitr-recovery/main", "0192-a", "2026-08-22T09:31:07.120Z"))
                .address();

        assertThat(address).isEqualTo("s3://memory/" + FOLDER);
        assertThat(store.list("evidence/"))
                .extracting(StoredObject::key)
                .containsExactly(
                        FOLDER + "SHA256SUMS", FOLDER + "report.html", FOLDER + "report.json", FOLDER + "report.md");
        assertThat(text(FOLDER + "report.md")).startsWith("# pitr-recovery/main (recovery)");
        assertThat(text(FOLDER + "report.html")).startsWith("<!DOCTYPE html>");
    }

    @Test
    void aRefusedRunLeavesNothingAndARunWithAReportKeepsItsLogs() {
        RefusedRun run = new RefusedRun("pitr-recovery/main", "0192-a", Instant.parse("2026-08-22T09:31:07.120Z"));
        store.put(FOLDER + "steps/01-plan-recovery-1.log", new byte[] {1});

        evidence.forgetRefusedRun(run);

        assertThat(store.list("evidence/")).isEmpty();
        store.put(FOLDER + "steps/01-plan-recovery-1.log", new byte[] {1});
        evidence.writeReport(report("pitr-recovery/main", "0192-a", "2026-08-22T09:31:07.120Z"));
        evidence.forgetRefusedRun(run);
        assertThat(store.list(FOLDER)).hasSize(5);
    }

    @Test
    void aDrillHasAFolderBesideTheRecoveryNotWithinIt() {
        evidence.writeReport(report("pitr-recovery/main/drill", "0192-d", "2026-08-22T09:31:07Z"));

        assertThat(store.listFolders("evidence/pitr-recovery/")).containsExactly("main.drill");
    }

    @Test
    void thePromisedNamesAreInTheFile() throws IOException {
        evidence.writeReport(promised());

        JsonNode written = new ObjectMapper().readTree(text(FOLDER + "report.json"));
        JsonNode promised = new ObjectMapper().readTree(PROMISED);
        promised.fieldNames()
                .forEachRemaining(name -> assertThat(written.get(name)).as(name).isEqualTo(promised.get(name)));
    }

    @Test
    void whatWasWrittenIsReadAgain() {
        String address = evidence.writeReport(promised()).address();
        RunReport report = promised().keptAt(address, Map.of(), null);

        assertThat(evidence.readReport(new ReportQuery("pitr-recovery/main", null)))
                .isEqualTo(report);
        assertThat(evidence.readReport(new ReportQuery("pitr-recovery/main", "0192-a")))
                .isEqualTo(report);
    }

    @Test
    void writingTwiceChangesNothing() {
        evidence.writeReport(promised());
        String sums = text(FOLDER + "SHA256SUMS");

        evidence.writeReport(promised());

        assertThat(text(FOLDER + "SHA256SUMS")).isEqualTo(sums);
        assertThat(store.list("evidence/")).hasSize(4);
    }

    @Test
    void eachReportNamesTheOneBeforeItWithTheDigestOfItsSums() throws Exception {
        evidence.writeReport(report("pitr-recovery/main", "0192-a", "2026-08-22T09:31:07Z"));
        evidence.writeReport(report("pitr-recovery/main/drill", "0192-d", "2026-09-01T03:00:00Z"));
        store.put("evidence/pitr-recovery/main/20260930T000000Z_0192-k/steps/killed.log", new byte[] {1});

        Previous named = evidence.writeReport(report("pitr-recovery/main", "0192-b", "2026-11-02T03:00:00Z"))
                .previous();

        assertThat(named)
                .isEqualTo(new Previous(
                        "0192-a",
                        HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256")
                                        .digest(store.readAll(FOLDER + "SHA256SUMS")))));
        assertThat(evidence.readReport(new ReportQuery("pitr-recovery/main", "0192-b")))
                .isNotNull()
                .extracting(RunReport::previous)
                .isEqualTo(named);
        assertThat(evidence.readReport(new ReportQuery("pitr-recovery/main", "0192-a")))
                .isNotNull()
                .extracting(RunReport::previous)
                .isNull();
        assertThat(evidence.writeReport(report("pitr-recovery/main", "0192-b", "2026-11-02T03:00:00Z"))
                        .previous())
                .as("again")
                .isEqualTo(named);
    }

    @Test
    void aReportIsWrittenThoughTheOneBeforeItCannotBeRead() {
        evidence.writeReport(report("pitr-recovery/main", "0192-a", "2026-08-22T09:31:07Z"));
        ObjectStore hiding = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("listFolders")) {
                        throw new RecoveryFailure(FailureCode.OBJECT_STORE_UNREACHABLE, "away for a moment", "wait");
                    }
                    return method.invoke(store, arguments);
                });

        Written written = new EvidenceActivitiesImpl(hiding)
                .writeReport(report("pitr-recovery/main", "0192-b", "2026-11-02T03:00:00Z"));

        assertThat(written.previous()).isNull();
        assertThat(evidence.readReport(new ReportQuery("pitr-recovery/main", "0192-b")))
                .isNotNull();
    }

    @Test
    void theSumsAlsoNameTheLogsThatStepsLeft(@TempDir Path folder) throws Exception {
        store.put(FOLDER + "steps/09-replay-wal-1.log", "LOG:  redo done\n".getBytes(UTF_8));
        evidence.writeReport(promised());

        download(folder);
        Process check = new ProcessBuilder("sha256sum", "-c", "--strict", "SHA256SUMS")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), UTF_8);

        assertThat(said)
                .contains("report.html: OK", "report.json: OK", "report.md: OK", "steps/09-replay-wal-1.log: OK");
        assertThat(check.waitFor()).isZero();
    }

    @Test
    void theNewestReportIsMeantWithoutARunId() {
        evidence.writeReport(report("pitr-recovery/main", "0192-a", "2026-08-22T09:31:07Z"));
        evidence.writeReport(report("pitr-recovery/main", "0192-b", "2026-11-02T03:00:00Z"));
        evidence.writeReport(report("base-backup/main", "0192-c", "2026-10-02T03:00:00Z"));
        store.put("evidence/pitr-recovery/main/20261231T000000Z_0192-x/steps/replay-wal.log", new byte[] {1});

        RunReport newest = evidence.readReport(new ReportQuery("pitr-recovery/main", null));

        assertThat(newest).isNotNull().extracting(RunReport::runId).isEqualTo("0192-b");
        assertThat(evidence.newestReports(List.of("pitr-recovery/main", "pitr-recovery/other", "base-backup/main")))
                .extracting(RunReport::runId)
                .containsExactly("0192-b", "0192-c");
    }

    @Test
    void aRunWithoutAReportHasNone() {
        assertThat(evidence.readReport(new ReportQuery("pitr-recovery/main", null)))
                .isNull();
        assertThat(evidence.readFolder(new FolderQuery("pitr-recovery/main", "0192-z", null)))
                .isNull();
    }

    @Test
    void aStoreThatIsAwayIsNotARunWithoutAReport() {
        evidence.writeReport(promised());

        store.goAway();

        assertThatExceptionOfType(RecoveryFailure.class)
                .isThrownBy(() -> evidence.readReport(new ReportQuery("pitr-recovery/main", null)))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.OBJECT_STORE_UNREACHABLE));
    }

    @Test
    void aLargeFolderComesInPartsAndByteForByte(@TempDir Path folder) throws Exception {
        byte[] large = new byte[2 * FolderReader.PART_BYTES + 17];
        new Random(4711).nextBytes(large);
        store.put(FOLDER + "steps/09-replay-wal-1.log", large);
        store.put(FOLDER + "steps/10-empty-1.log", new byte[0]);
        evidence.writeReport(promised());

        int parts = download(folder);

        assertThat(parts).isGreaterThan(2);
        assertThat(folder.resolve("steps/09-replay-wal-1.log")).hasBinaryContent(large);
        assertThat(folder.resolve("steps/10-empty-1.log")).isEmptyFile();
        assertThat(folder.resolve("SHA256SUMS")).exists();
    }

    @Test
    void theReportNamesTheLogsOfEachStepInTheOrderOfTheirCalls() {
        store.put(FOLDER + "steps/05-restore-base-backup-1.log", new byte[] {1});
        store.put(FOLDER + "steps/05-restore-base-backup-2.log", new byte[] {1});
        store.put(FOLDER + "steps/12-restore-base-backup-1.log", new byte[] {1});

        Written written = evidence.writeReport(promised());

        RunReport kept = Objects.requireNonNull(evidence.readReport(new ReportQuery("pitr-recovery/main", null)));
        assertThat(kept).isEqualTo(promised().keptAt(written.address(), written.logs(), written.previous()));
        assertThat(kept.evidence()).isEqualTo("s3://memory/" + FOLDER);
        assertThat(kept.steps().get(0).logs())
                .containsExactly(
                        "steps/05-restore-base-backup-1.log",
                        "steps/05-restore-base-backup-2.log",
                        "steps/12-restore-base-backup-1.log");
        assertThat(kept.steps().get(1).logs()).isEmpty();
        assertThat(text(FOLDER + "report.html")).contains("href=\"steps/05-restore-base-backup-2.log\"");
        assertThat(text(FOLDER + "report.md")).contains("(steps/05-restore-base-backup-2.log)");
    }

    @Test
    void aGreenRunIsNotedBesideTheBackupThatItRestoredAndNothingElseIsChangedThere() {
        store.put(BACKUP + "manifest.json", "{}".getBytes(UTF_8));

        evidence.writeReport(green());
        evidence.writeReport(green());

        assertThat(store.list(BACKUP))
                .extracting(StoredObject::key)
                .containsExactly(BACKUP + "manifest.json", BACKUP + "proofs/20260822T093202Z_0192-a.json");
        assertThat(text(BACKUP + "manifest.json")).isEqualTo("{}");
        assertThat(text(BACKUP + "proofs/20260822T093202Z_0192-a.json"))
                .contains(
                        "\"format\" : 1",
                        "\"backup\" : \"20260822T013000Z\"",
                        "\"run\" : \"pitr-recovery/main\"",
                        "\"runId\" : \"0192-a\"",
                        "\"provedAt\" : \"2026-08-22T09:32:02.004Z\"",
                        "\"lsn\" : \"0/5A0148\"",
                        "\"verified\" : \"pass\"",
                        "\"evidence\" : \"s3://memory/" + FOLDER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"verified\": \"fail\"",
                "\"verified\": \"not-measured\"",
                "\"executed\": \"fail\"",
                "\"mode\": \"backup\"",
                "\"state\": \"skipped\"",
            })
    void aRunThatIsNotGreenProvesNothing(String instead) {
        store.put(BACKUP + "manifest.json", "{}".getBytes(UTF_8));
        String name = instead.substring(0, instead.indexOf(':'));
        String red = GREEN.replaceFirst(name + ": \"[a-z-]+\"", instead);

        evidence.writeReport(Json.read(red.getBytes(UTF_8), RunReport.class, "a red report"));

        assertThat(red).isNotEqualTo(GREEN);
        assertThat(store.list(BACKUP)).hasSize(1);
        assertThat(text(FOLDER + "SHA256SUMS")).contains("report.json");
    }

    @Test
    void aBackupThatIsGoneIsNotBroughtBackByItsProof() {
        evidence.writeReport(green());

        assertThat(store.list(BACKUP)).isEmpty();
    }

    /** As {@code lifeboat report --output-dir} does it; returns the number of parts. */
    private int download(Path folder) throws IOException {
        Place from = null;
        int parts = 0;
        do {
            FolderPart part =
                    Objects.requireNonNull(evidence.readFolder(new FolderQuery("pitr-recovery/main", null, from)));
            assertThat(part.runId()).isEqualTo("0192-a");
            assertThat(PayloadMapper.dataConverter().toPayload(part)).isPresent();
            for (FilePiece piece : part.pieces()) {
                Path path = folder.resolve(piece.name());
                Files.createDirectories(path.getParent());
                Files.write(
                        path,
                        piece.content(),
                        piece.offset() == 0 ? StandardOpenOption.CREATE : StandardOpenOption.APPEND,
                        StandardOpenOption.WRITE);
            }
            from = part.next();
            parts++;
        } while (from != null);
        return parts;
    }

    private String text(String key) {
        return new String(store.readAll(key), UTF_8);
    }

    private static RunReport promised() {
        return Json.read(PROMISED.getBytes(UTF_8), RunReport.class, "the page of promises");
    }

    private static RunReport green() {
        return Json.read(GREEN.getBytes(UTF_8), RunReport.class, "a green report");
    }

    private static RunReport report(String run, String runId, String startedAt) {
        String json = PROMISED.replace("\"run\": \"pitr-recovery/main\"", "\"run\": \"" + run + "\"")
                .replace("0192-a", runId)
                .replace("2026-08-22T09:31:07.120Z", startedAt);
        return Json.read(json.getBytes(UTF_8), RunReport.class, "the page of promises");
    }

    /** As {@code report.json} is promised to users, name by name. */
    private static final String PROMISED =
            """
            { "format": 1, "runbook": "pitr-recovery", "run": "pitr-recovery/main", "runId": "0192-a", "mode": "recovery",
              "requestedBy": "ana@ops-1", "reason": "bad deploy 4711", "workers": ["4711@db-1"], "resumes": 1,
              "startedAt": "2026-08-22T09:31:07.120Z", "endedAt": "2026-08-22T09:32:02.004Z",
              "inputs": { "cluster": "main", "target": "2026-08-22T09:15:00Z" },
              "verdicts": { "executed": "pass", "verified": "fail", "rto": "pass", "rpo": "not-measured", "clean": "pass" },
              "exitCode": 3,
              "objectives": { "rto": "PT1H", "rpo": "PT1H" },
              "achieved": { "recoveryTime": "PT41.2S", "humanWait": "PT13.7S", "dataLoss": "PT0S", "givenUp": "PT16M7S" },
              "recoveryPoint": { "lsn": "0/5A0148", "timeline": 2, "lastCommitAt": "2026-08-22T09:14:59.871Z",
                "nextCommitAt": "2026-08-22T09:15:00.310Z" },
              "source": { "baseBackup": "20260822T013000Z", "walFrom": "00000001000000000000000A",
                "walTo": "0000000100000000000000DD", "segments": 212 },
              "steps": [ { "id": "restore-base-backup", "state": "done", "attempts": 2,
                "startedAt": "2026-08-22T09:31:24Z", "endedAt": "2026-08-22T09:31:36.900Z", "duration": "PT12.9S",
                "detail": "2.2 GiB, 171 MiB/s" },
                { "id": "check-indexes", "state": "not-run", "attempts": 0, "detail": "" } ],
              "checks": [ { "name": "newest order is recent", "expected": "at least 1", "observed": "0", "verdict": "fail" } ],
              "findings": [ { "severity": "medium", "what": "one segment was on the old disk only", "hint": "" } ],
              "leftBehind": [ { "what": "old data directory", "where": "/var/lib/x", "keptUntil": "2026-09-05T09:31:07Z" } ],
              "answers": [ { "decision": "approve", "step": "take-lease", "who": "ben@ops-2", "reason": "go",
                "at": "2026-08-22T09:31:21.900Z" } ] }
            """;

    private static final String GREEN = PROMISED.replace("\"verified\": \"fail\"", "\"verified\": \"pass\"")
            .replace("\"baseBackup\"", "\"systemId\": \"73011\", \"baseBackup\"");

    private static final String BACKUP = "postgres/base/main/73011/20260822T013000Z/";
}
