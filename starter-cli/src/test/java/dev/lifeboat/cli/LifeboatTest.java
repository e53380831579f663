package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tool against a real Temporal in this process, with runs that only pretend. */
class LifeboatTest {

    private static final String[] RECOVERY = {"start", "pitr-recovery", "--cluster", "main", "--target", "latest"};

    @TempDir
    Path folder = Path.of("");

    private final TestWorkflowEnvironment temporal = environment();
    private Desk desk = Desk.NOBODY;

    private static TestWorkflowEnvironment environment() {
        return TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setUseTimeskipping(false)
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(PayloadMapper.dataConverter())
                        .build())
                .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(new FailureTranslator())
                        .build())
                .build());
    }

    private Gateway gateway(LifeboatConfig.Temporal address) {
        return new Gateway(temporal.getWorkflowServiceStubs(), temporal.getNamespace(), () -> {});
    }

    @BeforeEach
    void sitDown() throws IOException {
        desk = new Desk(folder, this::gateway);
    }

    @AfterEach
    void leave() {
        temporal.close();
    }

    private void startWorker() {
        // A JVM that loads its first classes on a busy machine is no deadlock, for which the SDK takes a second.
        Worker worker = temporal.newWorker(
                TaskQueues.RUNBOOKS,
                WorkerOptions.newBuilder()
                        .setDefaultDeadlockDetectionTimeout(60_000)
                        .build());
        worker.registerWorkflowImplementationTypes(FakeRecovery.class, FakeInquiry.class);
        temporal.start();
    }

    private Desk.Said start(String... more) {
        return desk.run(
                Stream.concat(Arrays.stream(RECOVERY), Arrays.stream(more)).toArray(String[]::new));
    }

    /** An answer that came before the run's first task would be judged before the run has asked anything. */
    private void awaitQuestion() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> desk.run("status", "pitr-recovery/main").out().contains("replace the live data?"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 9})
    void startEndsWithTheExitCodeOfTheReport(int code) throws IOException {
        startWorker();

        Desk.Said said = start("--reason", String.valueOf(code), "-o", "json");

        assertThat(said.exit()).isEqualTo(code);
        assertThat(json(said).get("exitCode").intValue()).isEqualTo(code);
        assertThat(json(said).get("inputs").get("target").textValue()).isEqualTo("latest");
    }

    @Test
    void startShowsWhatItWillDoBeforeItDoesIt() {
        startWorker();

        Desk.Said said = start();

        assertThat(said.err())
                .containsSubsequence(
                        "pitr-recovery/main   recovery   promise: RTO 1h, RPO 1h",
                        "given up",
                        "16m8s of commits",
                        "20260822T013000Z",
                        "takes the place of",
                        "swap-in",
                        "started   pitr-recovery/main");
        assertThat(said.out()).contains("pitr-recovery/main").doesNotContain("takes the place of");
    }

    @Test
    void thePlanOfABackupLooksAtWhatItsFirstStepWouldLookAt() throws IOException {
        startWorker();

        Desk.Said dumps = desk.run("plan", "daily-dump", "--cluster", "main");
        Desk.Said one = desk.run("plan", "daily-dump", "--cluster", "main", "--database", "shop", "-o", "json");
        Desk.Said base = desk.run("plan", "base-backup", "--cluster", "main");

        assertThat(dumps.exit()).isZero();
        assertThat(dumps.out()).containsPattern("dumps +crm, shop").contains("verify-dumps");
        assertThat(json(one).at("/plan/databases")).hasSize(1);
        assertThat(base.exit()).isEqualTo(8);
        assertThat(base.err()).contains("error: archive_mode is off", "hint: 'lifeboat setup postgres'");
    }

    @Test
    void thePlanOfAVerificationSaysWhichDumpAndWhereTo() throws IOException {
        startWorker();

        Desk.Said said = desk.run("plan", "restore-verification", "--cluster", "main", "--prove-checks");
        Desk.Said json = desk.run("plan", "restore-verification", "--cluster", "main", "--keep", "-o", "json");
        Desk.Said unknown = desk.run("plan", "restore-verification", "--cluster", "main", "--backup", "nope");

        assertThat(said.exit()).isZero();
        assertThat(said.out())
                .containsSubsequence(
                        "restore-verification/main   drill   promise: RTO 2h, RPO 24h",
                        "shop_2026-08-22_020000",
                        "/work/data",
                        "PostgreSQL 15",
                        "it is removed",
                        "to see each check turn red",
                        "dumps of crm",
                        "prove-point-in-time");
        assertThat(json(json).at("/plan/dump/id").textValue()).isEqualTo("shop_2026-08-22_020000");
        assertThat(json(json).at("/plan/keptUntil").isMissingNode()).isFalse();
        assertThat(unknown.exit()).isEqualTo(8);
        assertThat(unknown.err()).contains("cannot find the dump nope");
    }

    @Test
    void theDoctorShowsEachCheckWithWhatToDoAndIsNotContentWithOneThatFails() throws IOException {
        startWorker();

        Desk.Said said = desk.run("doctor");
        Desk.Said asJson = desk.run("doctor", "-o", "json");

        assertThat(said.exit()).isEqualTo(8);
        assertThat(said.out())
                .containsSubsequence(
                        "temporal",
                        "queue lifeboat-runbooks",
                        "bucket",
                        "pass",
                        "write: written",
                        "postgres main",
                        "fail",
                        "archiver: 2 waiting",
                        "wanted: at work",
                        "to do: see the worker's log");
        assertThat(said.err()).contains("lifeboat: error: not ready: 1 of", "lifeboat: hint: ");
        assertThat(json(asJson).get("ready").booleanValue()).isFalse();
        assertThat(json(asJson).get("checks").get(0).get("verdict").textValue()).isEqualTo("pass");
    }

    @Test
    void aRefusedPlanNamesEveryReasonAndStartsNothing() throws IOException {
        startWorker();

        Desk.Said said =
                desk.run("start", "pitr-recovery", "--cluster", "main", "--target-xid", "4711", "--output", "json");

        assertThat(said.exit()).isEqualTo(8);
        assertThat(said.err())
                .contains("lifeboat: error: no commit of transaction 4711", "lifeboat: error: segment A7 is missing");
        assertThat(json(said).get("error").get("code").textValue()).isEqualTo("UNKNOWN_XID");
        assertThat(desk.run("status", "pitr-recovery/main").exit()).isEqualTo(2);
    }

    @Test
    void aRunThatIsRefusedByItsLeaseEndsLikeASecondRun() {
        startWorker();

        Desk.Said said = start("--reason", "refused");

        assertThat(said.exit()).isEqualTo(7);
        assertThat(said.err()).contains("lifeboat: error: the lease is held by another");
    }

    @Test
    void oneRunAtATimeHoldsATargetWhileADrillMayRunBesideIt() {
        startWorker();

        assertThat(start("--reason", "gate", "--detach").exit()).isZero();

        assertThat(start().exit()).isEqualTo(7);
        assertThat(start("--drill").exit()).isZero();
        assertThat(start("--into", "/beside", "--port", "5499").exit()).isZero();
    }

    @Test
    void aRunThatWaitsForAPersonIsAnsweredFromAnotherTerminal() throws IOException {
        startWorker();

        Desk.Said waited = start("--reason", "gate", "--wait", "3s");
        Desk.Said open = desk.run("status");
        Desk.Said early = desk.run("report", "pitr-recovery/main");
        Desk.Said wrong = desk.run("approve", "pitr-recovery/main", "swap-in");
        Desk.Said right = desk.run("approve", "pitr-recovery/main", "take-lease", "--reason", "go");
        Desk.Said watched = desk.run("watch", "pitr-recovery/main", "-o", "json");

        assertThat(waited.exit()).isEqualTo(6);
        assertThat(waited.err())
                .contains("replace the live data?", "answer with 'lifeboat approve pitr-recovery/main take-lease'");
        assertThat(open.out()).contains("pitr-recovery/main", "approval of take-lease");
        assertThat(early.exit()).isEqualTo(6);
        assertThat(wrong.exit()).describedAs(wrong.err()).isEqualTo(2);
        assertThat(wrong.err()).contains("lifeboat: error: cannot approve swap-in: the run is at step take-lease");
        assertThat(right.exit()).isZero();
        assertThat(watched.exit()).isZero();
        assertThat(json(watched).get("verdicts").get("executed").textValue()).isEqualTo("pass");
    }

    @Test
    void aRejectedRunEndsWithFive() {
        startWorker();
        start("--reason", "gate", "--detach");
        awaitQuestion();

        Desk.Said rejected = desk.run("reject", "pitr-recovery/main", "take-lease");
        Desk.Said watched = desk.run("watch", "pitr-recovery/main");

        assertThat(rejected.exit()).isZero();
        assertThat(watched.exit()).isEqualTo(5);
        assertThat(desk.run("report", "pitr-recovery/main").exit()).isZero();
        assertThat(desk.run("abort", "pitr-recovery/main").exit()).isEqualTo(2);
    }

    @Test
    void aFailedStepIsDecidedByAPerson() {
        startWorker();
        start("--reason", "failed", "--detach");
        awaitQuestion();

        Desk.Said skipped = desk.run("skip", "pitr-recovery/main");
        Desk.Said aborted = desk.run("abort", "pitr-recovery/main", "--reason", "enough");

        assertThat(skipped.exit()).isEqualTo(2);
        assertThat(skipped.err()).contains("lifeboat: error: cannot skip take-lease");
        assertThat(aborted.exit()).isZero();
        assertThat(desk.run("watch", "pitr-recovery/main").exit()).isEqualTo(5);
    }

    @Test
    void aDetachedRunIsNamedWithItsRunId() throws IOException {
        startWorker();

        JsonNode started = json(start("--detach", "-o", "json"));

        String run = started.get("run").textValue() + "@" + started.get("runId").textValue();
        assertThat(desk.run("watch", run).exit()).isZero();
        assertThat(desk.run("report", run, "-o", "json").out()).contains("\"exitCode\" : 0");
    }

    @Test
    void theListShowsTheVerdictsOfTheLastRun() throws IOException {
        startWorker();
        start("--reason", "4");

        Desk.Said said = desk.run("list");

        assertThat(said.exit()).isZero();
        assertThat(said.out())
                .contains("pitr-recovery", "RTO 1h, RPO 1h", "exit 4", "pass executed verified rto rpo clean");
    }

    @Test
    void whatTheBucketHoldsIsAskedOfAWorker() throws IOException {
        startWorker();

        JsonNode backups = json(desk.run("backups", "-o", "json")).get("backups");
        JsonNode window = json(desk.run("window", "main", "-o", "json"));

        assertThat(backups.get(0).get("id").textValue()).isEqualTo("20260822T013000Z");
        assertThat(backups.get(0).fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "kind",
                        "cluster",
                        "database",
                        "startedAt",
                        "endedAt",
                        "bytes",
                        "storedBytes",
                        "timeline",
                        "provedAt",
                        "pinned");
        assertThat(window.get("ranges").get(0).get("fromLsn").textValue()).isEqualTo("0/3000148");
        assertThat(window.get("holes").get(0).get("missing").get(0).textValue()).endsWith("A7");
        assertThat(backups.get(1).get("provedAt").textValue()).isEqualTo("2026-08-22T09:01:00Z");
        assertThat(desk.run("backups").out().lines())
                .anyMatch(line -> line.contains("20260822T013000Z") && line.endsWith("never"))
                .anyMatch(line -> line.contains("20260822T053000Z") && line.endsWith("proved 2026-08-22T09:01:00Z"))
                .anyMatch(line -> line.contains("20260822T090000Z") && line.endsWith("damaged"))
                .contains("20260822T090000Z is damaged: cannot understand its manifest")
                .as("though it was proved once")
                .anyMatch(line -> line.contains("shop_2026-08-22_020000") && line.endsWith("DOUBTED"))
                .contains("shop_2026-08-22_020000 was not found good: a run saw: archive is whole: 9 bytes");
        assertThat(backups.get(3).get("doubt").textValue()).endsWith("9 bytes");
        assertThat(backups.get(3).get("lsn").textValue()).isEqualTo("0/5A0148");
        assertThat(backups.get(2).get("damage").textValue()).isEqualTo("cannot understand its manifest");
        assertThat(desk.run("setup", "postgres", "main").out()).contains("archive_mode = on", "restart");
        assertThat(desk.run("cleanup").out()).contains("would remove  /old");
        assertThat(desk.run("cleanup", "--yes").out()).contains("removed  /old");
    }

    @Test
    void whatWouldExpireIsShownWithItsReasonAndOnlyYesDeletesIt() throws IOException {
        startWorker();

        Desk.Said shown = desk.run("expire");
        Desk.Said done = desk.run("expire", "--yes", "--cluster", "main");
        JsonNode asJson = json(desk.run("expire", "--yes", "-o", "json"));

        assertThat(shown.exit()).isZero();
        assertThat(shown.out())
                .contains(
                        "main  would delete  base-backup 20260101T013000Z (1.0 KiB): older than the window",
                        "main  keeps  base-backup 20260822T013000Z: pinned",
                        "delete it with 'lifeboat expire --yes'");
        assertThat(done.exit()).isZero();
        assertThat(done.out())
                .contains(
                        "main  deleted  base-backup 20260101T013000Z",
                        "main  not deleted  dump shop_1: the bucket keeps it",
                        "s3://backups/evidence/")
                .doesNotContain("lifeboat expire --yes");
        assertThat(asJson.get("applied").booleanValue()).isTrue();
        assertThat(asJson.at("/clusters/0/gone/0/why").textValue()).isEqualTo("older than the window");
    }

    @Test
    void whereNothingMayBeDeletedItSaysWhyAndEndsWithEight() throws IOException {
        Files.writeString(folder.resolve("lifeboat.yaml"), Desk.CONFIG.replace("main:", "blocked:"));
        startWorker();

        Desk.Said said = desk.run("expire", "--yes");

        assertThat(said.exit()).isEqualTo(8);
        assertThat(said.out()).contains("blocked  nothing more was deleted: a drill holds it");
        assertThat(said.err()).contains("lifeboat: error: nothing may be deleted of blocked now: a drill holds it");
    }

    @Test
    void aBackupIsPinnedByItsNameAloneWhereOneClusterHasIt() throws IOException {
        startWorker();

        assertThat(desk.run("pin", "20260822T013000Z").out())
                .contains("base-backup 20260822T013000Z of main is pinned: retention leaves it alone");
        assertThat(desk.run("unpin", "20260822T013000Z").out()).contains("is not pinned any more");
        assertThat(json(desk.run("pin", "20260822T013000Z", "-o", "json"))
                        .get("pinned")
                        .booleanValue())
                .isTrue();
        Desk.Said unknown = desk.run("pin", "20200101T000000Z");
        assertThat(unknown.exit()).isEqualTo(8);
        assertThat(unknown.err()).contains("lifeboat: error: ", "lifeboat: hint: ");

        Files.writeString(
                folder.resolve("lifeboat.yaml"),
                Desk.CONFIG
                        + "  second: { data-directory: /var/lib/pg/second, bin-directory: /usr/bin, port: 5434 }\n");
        Desk.Said two = desk.run("pin", "20260822T013000Z");
        assertThat(two.exit()).isEqualTo(8);
        assertThat(two.err()).contains("of each of main, second", "--cluster main");
        assertThat(desk.run("pin", "20200101T000000Z").exit()).isEqualTo(8);
        assertThat(desk.run("pin", "20260822T013000Z", "--cluster", "second").out())
                .contains("of second is pinned");
    }

    @Test
    void evidenceIsWrittenBelowTheFolderThatWasNamedAndNowhereElse() {
        startWorker();

        Desk.Said written = desk.run("report", "pitr-recovery/main", "--output-dir", "evidence");
        Desk.Said outside = desk.run("report", "pitr-recovery/main/drill", "--output-dir", "evidence");

        assertThat(written.exit()).isZero();
        assertThat(folder.resolve("evidence/steps/a.log")).hasContent("a\nb of 0192-a");
        assertThat(outside.exit()).isEqualTo(1);
        assertThat(Files.exists(folder.resolve("outside"))).isFalse();
    }

    @Test
    void anUnknownRunIsWrongUse() {
        startWorker();

        assertThat(desk.run("status", "pitr-recovery/main").exit()).isEqualTo(2);
        assertThat(desk.run("watch", "pitr-recovery/main@0192").exit()).isEqualTo(2);
        assertThat(desk.run("report", "pitr-recovery/main").exit()).isEqualTo(2);
        assertThat(desk.run("retry", "pitr-recovery/main").exit()).isEqualTo(2);
    }

    @Test
    void withoutAWorkerACommandEndsWithTen() throws IOException {
        desk = new Desk(folder, Duration.ofSeconds(3), this::gateway);

        Desk.Said said = start("-o", "json");

        assertThat(said.exit()).isEqualTo(10);
        assertThat(json(said).get("error").get("code").textValue()).isEqualTo("NO_WORKER");
        assertThat(desk.run("status", "pitr-recovery/main").exit()).isEqualTo(2);
    }

    /** What the list shows beside is still shown. */
    @Test
    void aServerWithoutSchedulesIsSaidToHaveNone() throws IOException {
        startWorker();
        String schedule = "schedules: [{ runbook: base-backup, cluster: main, cron: \"30 1 * * *\" }]\n";
        Files.writeString(folder.resolve("lifeboat.yaml"), Desk.CONFIG + schedule);

        for (String command : List.of("list", "sync", "sync --yes", "pause", "resume", "trigger base-backup/main")) {
            Desk.Said said = desk.run(("schedule " + command + " -o json").split(" "));
            assertThat(said.exit()).as(command).isEqualTo(8);
            assertThat(json(said).at("/error/code").textValue()).isEqualTo("NO_SCHEDULES");
            assertThat(said.err()).contains("lifeboat: error: this Temporal server has no schedules");
        }
        Desk.Said listed = desk.run("list");
        assertThat(listed.exit()).isZero();
        assertThat(listed.out()).containsPattern("base-backup .*  unknown  ").contains("not scheduled");
        assertThat(listed.err()).contains("next runs are not shown: this Temporal server has no schedules");
        assertThat(desk.run("doctor").out())
                .containsPattern("not-measured +as configured: this Temporal server has no");
    }

    /** A cluster's own objectives are about its log; a dump holds one moment of a day, whatever they say. */
    @Test
    void theListShowsWhatEachClusterIsPromised() throws IOException {
        startWorker();
        String tight = Desk.CONFIG.replace("port: 5433", "port: 5433, objectives: { rto: PT10M, rpo: PT5M }");
        Files.writeString(folder.resolve("lifeboat.yaml"), tight);
        Desk.Said one = desk.run("list");
        JsonNode json = json(desk.run("list", "-o", "json"));
        String two = "  crm: { data-directory: /var/lib/pg/crm, bin-directory: /usr/bin, port: 5434 }\n";
        Files.writeString(folder.resolve("lifeboat.yaml"), tight + two);
        Desk.Said several = desk.run("list");

        assertThat(one.out())
                .containsPattern("pitr-recovery +RTO 10m, RPO 5m ")
                .containsPattern("dump-restore +RTO 2h, RPO 24h ")
                .containsPattern("daily-dump +RTO 2h, RPO 24h ");
        JsonNode recovery = json.get("runbooks")
                .get(json.get("runbooks").findValuesAsText("id").indexOf("pitr-recovery"));
        assertThat(recovery.at("/objectives/rto").textValue()).isEqualTo("PT10M");
        assertThat(recovery.at("/promises/main/rpo").textValue()).isEqualTo("PT5M");
        assertThat(several.out())
                .containsPattern("pitr-recovery +main: RTO 10m, RPO 5m; crm: RTO 1h, RPO 1h ")
                .containsPattern("dump-restore +RTO 2h, RPO 24h ");
    }

    @Test
    void withTemporalAwayTheCatalogueIsStillThere() throws IOException {
        Desk away = new Desk(
                folder,
                address -> Connection.open(
                        new LifeboatConfig.Temporal("127.0.0.1:1", "default", null, null, true), Map.of()));

        Desk.Said listed = away.run("list");
        Desk.Said asked = away.run("status");

        assertThat(listed.exit()).isZero();
        assertThat(listed.out()).contains("pitr-recovery", "base-backup");
        assertThat(listed.err()).contains("127.0.0.1:7233 cannot be reached");
        assertThat(asked.exit()).isEqualTo(10);
    }

    /** Each is told by two lines and by nothing else, and ends with 2. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "list --typo",
                "-o xml list",
                "show",
                "show nope",
                "plan",
                "plan pitr-recovery",
                "plan pitr-recovery --cluster main",
                "plan pitr-recovery --cluster nope --target latest",
                "plan pitr-recovery --cluster main --target latest --target-xid 5",
                "start pitr-recovery --cluster main --target latest --into /x --port many",
                "start base-backup --cluster",
                "start base-backup --cluster main --reason",
                "start base-backup --cluster main --wait soon",
                "status nope",
                "watch",
                "approve pitr-recovery/main",
                "retry",
                "report",
                "window",
                "setup postgres",
                "setup redis main",
                "cleanup --yes --dry-run",
                "completion fish",
                "doctor --nope",
                "expire --dry-run --yes",
                "expire --cluster nope",
                "pin",
                "schedule",
                "schedule nonsense",
                "schedule sync --no",
                "schedule resume base-backup/main",
                "schedule trigger",
                "unpin",
                "keys",
                "keys generate",
                "keys generate --out lifeboat.yaml/k",
                "keys add-recipient gone.pub",
                "pin 20260822T013000Z --cluster nope",
                "verify-evidence folder",
                "start daily-dump --cluster main --database",
                "plan dump-restore --cluster main --clean",
                "plan restore-verification",
                "plan restore-verification --cluster nope",
                "plan restore-verification --cluster main --target latest",
                "start restore-verification --cluster main --drill",
                "start restore-verification --cluster main --random --backup latest",
                "start restore-verification --cluster main --random yes",
                "start restore-verification --cluster main --into /x --port 5499",
                "plan base-backup --cluster main --keep",
                "plan pitr-recovery --cluster main --target latest --prove-checks"
            })
    void aRefusalIsTwoLinesWhateverWasWrong(String typed) throws IOException {
        Desk nobody = Desk.withoutTemporal(folder);

        Desk.Said said = nobody.run(typed.split(" "));
        Desk.Said json = nobody.run(
                (typed + " -o json").replace("-o xml ", "-o xml -ojson ").split(" "));

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err().lines()).hasSize(2);
        assertThat(said.err()).startsWith("lifeboat: error: ").contains("\nlifeboat: hint: ");
        assertThat(json.exit()).isEqualTo(2);
        assertThat(json(json).get("error").fieldNames()).toIterable().containsExactly("code", "message", "hint");
    }

    @Test
    void aConfigurationWithSeveralProblemsIsRefusedInOneLineToo() throws IOException {
        Desk nobody = Desk.withoutTemporal(folder);
        Files.writeString(folder.resolve("lifeboat.yaml"), "buket: {}\nnotifications: {}\n");

        Desk.Said said = nobody.run("status");

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err().lines()).hasSize(2);
        assertThat(said.err())
                .contains("the nearest known one is 'bucket'", "'notifications' is not part of this version");
    }

    private static JsonNode json(Desk.Said said) throws IOException {
        return PayloadMapper.json().readTree(said.out());
    }
}
