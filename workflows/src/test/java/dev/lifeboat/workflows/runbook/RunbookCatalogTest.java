package dev.lifeboat.workflows.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.workflows.runbook.RunbookFolder.Step;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupStep;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflow;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpStep;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpWorkflow;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreStep;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflow;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryStep;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflow;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationStep;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationWorkflow;
import io.temporal.common.metadata.POJOWorkflowInterfaceMetadata;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the words, the promise and the code of each runbook together. */
class RunbookCatalogTest {

    /** Rewrites the step tables instead of comparing them. */
    private static final boolean WRITE = Boolean.getBoolean("lifeboat.write-step-tables");

    private static final List<String> SECTIONS = List.of(
            "When to use",
            "Promise (RTO, RPO)",
            "Impact",
            "Before you start",
            "Steps",
            "Verify",
            "Roll back by hand",
            "By hand (no Temporal)",
            "Evidence",
            "Last drills");

    private record Code(Class<?> workflow, List<? extends StepId> steps) {}

    private static final Map<String, Code> RUNBOOKS = Map.of(
            "pitr-recovery", new Code(PitrRecoveryWorkflow.class, List.of(PitrRecoveryStep.values())),
            "base-backup", new Code(BaseBackupWorkflow.class, List.of(BaseBackupStep.values())),
            "daily-dump", new Code(DailyDumpWorkflow.class, List.of(DailyDumpStep.values())),
            "dump-restore", new Code(DumpRestoreWorkflow.class, List.of(DumpRestoreStep.values())),
            "restore-verification",
                    new Code(RestoreVerificationWorkflow.class, List.of(RestoreVerificationStep.values())));

    static Stream<RunbookFolder> folders() {
        return RunbookFolder.all().stream();
    }

    @Test
    void everyFolderHasAWorkflowAndEveryWorkflowAFolder() {
        assertThat(folders().map(RunbookFolder::name)).containsExactlyInAnyOrderElementsOf(RUNBOOKS.keySet());
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theIdIsTheFolderAndTheWorkflowTypeIsTheRegisteredOne(RunbookFolder folder) {
        Class<?> workflow = code(folder).workflow();

        String type = POJOWorkflowInterfaceMetadata.newInstance(workflow)
                .getWorkflowType()
                .orElseThrow();

        assertThat(folder.yaml().path("id").asText()).isEqualTo(folder.name());
        assertThat(folder.yaml().path("workflow").asText()).isEqualTo(type);
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theStepsAreThoseOfTheCodeInNameAndOrder(RunbookFolder folder) {
        assertThat(folder.steps().stream().map(Step::id))
                .containsExactlyElementsOf(
                        code(folder).steps().stream().map(StepId::id).toList());
        assertThat(folder.steps().stream().filter(Step::skip).map(Step::id))
                .containsExactlyElementsOf(code(folder).steps().stream()
                        .filter(StepId::maySkip)
                        .map(StepId::id)
                        .toList());
    }

    @Test
    void aDrillAndARecoveryBesideLeaveOutWhatTheYamlSays() {
        RunbookFolder folder = folders()
                .filter(f -> f.name().equals("pitr-recovery"))
                .findFirst()
                .orElseThrow();

        for (Step step : folder.steps()) {
            PitrRecoveryStep code = Arrays.stream(PitrRecoveryStep.values())
                    .filter(each -> each.id().equals(step.id()))
                    .findFirst()
                    .orElseThrow();
            assertThat(step.placements()).as(step.id()).allSatisfy((placement, isPart) -> assertThat(
                            code.isPartOf(placement))
                    .as(placement.toString())
                    .isEqualTo(isPart));
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theStepTableOfTheDocumentIsTheOneOfTheYaml(RunbookFolder folder) throws IOException {
        if (WRITE) {
            folder.writeStepTable();
        }

        assertThat(folder.documentedStepTable())
                .as("generate it with ./mvnw -pl workflows -am test -Dtest=RunbookCatalogTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dlifeboat.write-step-tables=true")
                .isEqualTo(folder.stepTable());
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theSectionsComeInTheOrderOfEveryRunbook(RunbookFolder folder) {
        assertThat(folder.document()
                        .lines()
                        .filter(line -> line.startsWith("## "))
                        .map(line -> line.substring(3)))
                .containsExactlyElementsOf(SECTIONS);
    }

    @ParameterizedTest
    @MethodSource("folders")
    void nothingIsLeftToBeWritten(RunbookFolder folder) {
        assertThat(folder.document() + folder.yamlText()).doesNotContainIgnoringCase("todo", "tbd", "fixme");
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theEntryHoldsOnlyWhatTheSchemaKnows(RunbookFolder folder) {
        JsonNode schema = RunbookFolder.schema();

        assertThat(folder.yaml().fieldNames()).toIterable().isSubsetOf(names(schema.path("properties")));
        assertThat(folder.yaml().fieldNames()).toIterable().containsAll(required(schema));
        JsonNode step = schema.at("/properties/steps/items");
        assertThat(folder.yaml().path("steps")).allSatisfy(each -> {
            assertThat(each.fieldNames()).toIterable().isSubsetOf(names(step.path("properties")));
            assertThat(each.fieldNames()).toIterable().containsAll(required(step));
        });
        JsonNode input = schema.at("/properties/inputs/additionalProperties");
        assertThat(folder.yaml().path("inputs"))
                .allSatisfy(
                        each -> assertThat(each.fieldNames()).toIterable().isSubsetOf(names(input.path("properties"))));
    }

    private static List<String> names(JsonNode properties) {
        return properties.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<String> required(JsonNode schema) {
        return schema.path("required").valueStream().map(JsonNode::asText).toList();
    }

    private static Code code(RunbookFolder folder) {
        Code code = RUNBOOKS.get(folder.name());
        assertThat(code).as("code of " + folder.name()).isNotNull();
        return Objects.requireNonNull(code);
    }
}
