package dev.lifeboat.workflows.runbook.pitrrecovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.RunReport;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.Facts;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PitrRecoveryWorkflowTest {

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @BeforeEach
    void greenSmokeTests() {
        world.check("smokeTestCopy", Check.of("orders", "at least 1", "1234", true));
        world.check("smokeTestLive", Check.of("orders", "at least 1", "1234", true));
    }

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aRecoveryInPlaceTakesItsStepsInTheOrderOfTheRunbook() {
        RunReport report = recovery().recover(inPlace(true));

        assertThat(world.calls())
                .containsExactly(
                        "takeLease",
                        "stopWriters",
                        "quiesce",
                        "stopServer",
                        "saveWal",
                        "restoreBaseBackup",
                        "configureRecovery",
                        "replayWal",
                        "proveRecoveryPoint",
                        "smokeTestCopy",
                        "makeDurable",
                        "swapIn",
                        "reopen",
                        "smokeTestLive",
                        "startWriters",
                        "takeBaseBackup",
                        "awaitWal",
                        "checkIndexes",
                        "removeCopy",
                        "releaseLease");
        assertThat(report.exitCode()).isZero();
        assertThat(world.reports()).containsExactly(report);
    }

    private PitrRecoveryWorkflow recovery() {
        return bed.runbook(PitrRecoveryWorkflow.class, "pitr-recovery/main");
    }

    private static PitrRecoveryInput inPlace(boolean yes) {
        return input(yes, Placement.IN_PLACE);
    }

    private static PitrRecoveryInput input(boolean yes, Placement placement) {
        RunRequest request = new RunRequest(
                "ana@ops-1",
                "bad deploy 4711",
                yes,
                false,
                new Objectives(Duration.ofHours(1), Duration.ofHours(1)),
                Map.of("cluster", "main", "target", Facts.TARGET.toString()));
        return new PitrRecoveryInput(
                request,
                "main",
                new RecoveryTarget.AtTime(Facts.TARGET),
                false,
                null,
                null,
                placement,
                placement == Placement.INTO ? "/srv/copy" : null,
                placement == Placement.INTO ? 5499 : 0);
    }
}
