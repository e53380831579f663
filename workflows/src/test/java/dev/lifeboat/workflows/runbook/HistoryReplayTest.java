package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflowImpl;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpWorkflowImpl;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflowImpl;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflowImpl;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflowImpl;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationWorkflowImpl;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunWorkflowImpl;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was started before an update goes on after it: every stored history still fits today's code. */
class HistoryReplayTest {

    private static final Path HISTORIES =
            Path.of(System.getProperty("lifeboat.root", "..")).resolve("workflows/src/test/resources/histories");

    @BeforeAll
    static void recordWhenAskedTo() throws IOException {
        String label = System.getProperty("lifeboat.record-histories");
        if (label != null) {
            Files.createDirectories(HISTORIES);
            new HistoryRecorder(HISTORIES, label).record();
        }
    }

    static Stream<String> histories() {
        try (Stream<Path> files = Files.list(HISTORIES)) {
            return files
                    .map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".json"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("histories")
    void aStoredRunTakesTheSameWayAgain(String name) throws Exception {
        replay(Files.readString(HISTORIES.resolve(name)));
    }

    @Test
    void everyWorkflowTypeHasAStoredRun() {
        assertThat(List.of(
                        "PitrRecovery",
                        "BaseBackup",
                        "DailyDump",
                        "DumpRestore",
                        "RestoreVerification",
                        "Inquiry",
                        "ScheduledRun"))
                .allSatisfy(type -> assertThat(histories()).anyMatch(name -> name.startsWith(type)));
    }

    @Test
    void aRunThatTookAnotherWayIsNoticed() throws Exception {
        String name = histories()
                .filter(each -> each.startsWith("BaseBackup"))
                .findFirst()
                .orElseThrow();
        String changed =
                Files.readString(HISTORIES.resolve(name)).replace("PostgresBackupAwaitWal", "PostgresBackupOther");

        assertThatThrownBy(() -> replay(changed)).hasMessageContaining("PostgresBackupAwaitWal");
    }

    private static void replay(String json) throws Exception {
        try (TestWorkflowEnvironment environment =
                TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                        .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                                .setDataConverter(PayloadMapper.dataConverter())
                                .build())
                        .setWorkerFactoryOptions(WorkerFactoryOptions.newBuilder()
                                .setWorkerInterceptors(new FailureTranslator())
                                .build())
                        .build())) {
            Worker worker = environment.newWorker("replay", RunbookTestBed.patient());
            worker.registerWorkflowImplementationTypes(
                    PitrRecoveryWorkflowImpl.class,
                    BaseBackupWorkflowImpl.class,
                    DailyDumpWorkflowImpl.class,
                    DumpRestoreWorkflowImpl.class,
                    RestoreVerificationWorkflowImpl.class,
                    InquiryWorkflowImpl.class,
                    ScheduledRunWorkflowImpl.class);
            worker.replayWorkflowExecution(WorkflowExecutionHistory.fromJson(json));
        }
    }
}
