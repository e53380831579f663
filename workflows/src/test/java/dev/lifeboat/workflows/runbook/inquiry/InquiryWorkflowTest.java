package dev.lifeboat.workflows.runbook.inquiry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FilePiece;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.FolderPart;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.runbook.Facts;
import dev.lifeboat.workflows.runbook.FakeWorld;
import dev.lifeboat.workflows.runbook.RunRequest;
import dev.lifeboat.workflows.runbook.RunbookTestBed;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.FolderOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.PlanOf;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Refusal;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.ReportOf;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryInput;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InquiryWorkflowTest {

    private final FakeWorld world = new FakeWorld();
    private final RunbookTestBed bed = new RunbookTestBed(world);

    @AfterEach
    void close() {
        bed.close();
    }

    @Test
    void aPlanThatCanBeDoneIsAnsweredAndNothingIsTouched() {
        Answer answer = ask(new PlanOf(input(Placement.IN_PLACE)));

        assertThat(answer.refusals()).isEmpty();
        assertThat(answer.plan()).isNotNull();
        assertThat(world.calls()).isEmpty();
    }

    @Test
    void aPlanThatIsRefusedComesWithEveryReason() {
        world.facts(Facts.withoutBackups());

        Answer answer = ask(new PlanOf(input(Placement.IN_PLACE)));

        assertThat(answer.plan()).isNull();
        assertThat(answer.refusals()).extracting(Refusal::code).containsExactly("NO_BASE_BACKUP");
    }

    @Test
    void aRunWithoutAReportIsAnsweredByAnEmptyList() {
        assertThat(ask(new ReportOf("pitr-recovery/main", null)).reports()).isEmpty();
    }

    @Test
    void anEvidenceFolderComesInPartsOfFiles() {
        FolderPart part = Objects.requireNonNull(
                ask(new FolderOf("pitr-recovery/main", null, null)).folder());

        assertThat(part.pieces()).extracting(FilePiece::name).containsExactly("report.json");
        assertThat(part.pieces().get(0).content()).asString().isEqualTo("{}");
    }

    private Answer ask(InquiryWorkflow.Question question) {
        return bed.runbook(InquiryWorkflow.class, "inquiry/test").ask(question);
    }

    private static PitrRecoveryInput input(Placement placement) {
        RunRequest request = new RunRequest(
                "ana", "", false, false, new Objectives(Duration.ofHours(1), Duration.ofHours(1)), Map.of());
        return new PitrRecoveryInput(
                request, "main", new RecoveryTarget.AtTime(Facts.TARGET), false, null, null, placement, null, 0);
    }
}
