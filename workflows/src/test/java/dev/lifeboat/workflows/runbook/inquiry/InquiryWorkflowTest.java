package dev.lifeboat.workflows.runbook.inquiry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.evidence.EvidenceActivities.EvidenceFile;
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
import java.util.List;
import java.util.Map;
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
    void anEvidenceFolderComesAsFiles() {
        assertThat(ask(new FolderOf("pitr-recovery/main", null)).files())
                .extracting(EvidenceFile::name)
                .containsExactly("report.json");
    }

    @Test
    void filesThatTogetherAreTooLongAreCutAndSaidToBe() {
        List<EvidenceFile> files = List.of(
                new EvidenceFile("small", "x".repeat(1_000)),
                new EvidenceFile("large", "ä".repeat(900_000)),
                new EvidenceFile("more", "z".repeat(900_000)));

        List<EvidenceFile> cut = Trimmed.files(files);

        assertThat(PayloadMapper.dataConverter().toPayload(cut)).isPresent();
        assertThat(cut).extracting(EvidenceFile::name).containsExactly("small", "large", "more");
        assertThat(cut.get(0).text()).hasSize(1_000);
        assertThat(cut.get(1).text()).endsWith("evidence folder\n");
        assertThat(cut.get(2).text()).startsWith("\n… cut here");
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
