package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupInput;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflow;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributes;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunVisibilityTest {

    @AfterEach
    void switchOff() {
        SearchAttributesSwitch.set(false);
    }

    @Test
    void aRunIsFoundByWhatItIsAndHowItEnded() {
        SearchAttributesSwitch.set(true);

        SearchAttributes found = attributesOfABackup();

        assertThat(found.get(RunVisibility.RUNBOOK)).isEqualTo("base-backup");
        assertThat(found.get(RunVisibility.TARGET)).isEqualTo("main");
        assertThat(found.get(RunVisibility.MODE)).isEqualTo("backup");
        assertThat(found.get(RunVisibility.STEP)).isEqualTo("write-report");
        assertThat(found.get(RunVisibility.VERDICT)).isEqualTo("pass");
        assertThat(found.containsKey(RunVisibility.WAITING_FOR)).isFalse();
    }

    @Test
    void whereTheAttributesAreNotRegisteredARunGoesOnWithout() {
        assertThat(attributesOfABackup().size()).isZero();
    }

    private static SearchAttributes attributesOfABackup() {
        try (RunbookTestBed bed = new RunbookTestBed(new FakeWorld())) {
            BaseBackupWorkflow run = bed.runbook(BaseBackupWorkflow.class, "base-backup/main");
            Objectives promise = new Objectives(Duration.ofHours(1), Duration.ofHours(1));
            run.backUp(new BaseBackupInput(new RunRequest("ana", "", true, false, promise, Map.of()), "main"));
            return WorkflowStub.fromTyped(run).describe().getTypedSearchAttributes();
        }
    }
}
