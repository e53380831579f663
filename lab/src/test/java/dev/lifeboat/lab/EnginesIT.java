package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.RealTemporal;
import dev.lifeboat.lab.engine.TemporalEngine;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EnginesIT {

    private final Path folder = Folders.temporary("lab-engines");

    @AfterEach
    void removeFolder() {
        Folders.remove(folder);
    }

    @Test
    void theTemporalOfThisBuildTakesRuns() {
        try (TemporalEngine engine = EngineChoice.ofBuild().temporal(folder)) {
            WorkflowServiceStubs stubs = stubs(engine);

            start(stubs, "some-run");

            assertThat(status(stubs, "some-run")).contains("RUNNING");
            stubs.shutdownNow();
        }
    }

    @Test
    void aKilledTemporalKnowsItsRunsWhenItIsBack() {
        boolean real = EngineChoice.ofBuild() == EngineChoice.REAL;
        if (!real) {
            System.out.println("EnginesIT: killing Temporal is left out here; taken with -Pengines");
        } else {
            System.out.println(
                    "EnginesIT: what depends on neither Temporal nor the bucket (tag any-engine) is left to the"
                            + " default build");
        }
        assumeTrue(real, "only the real Temporal keeps its runs; taken with -Pengines");
        try (RealTemporal engine = RealTemporal.startIn(folder)) {
            WorkflowServiceStubs stubs = stubs(engine);
            start(stubs, "some-run");

            engine.kill();
            engine.start();

            assertThat(status(stubs, "some-run")).contains("RUNNING");
            stubs.shutdownNow();
        }
    }

    private static WorkflowServiceStubs stubs(TemporalEngine engine) {
        return WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(engine.address())
                .build());
    }

    private static void start(WorkflowServiceStubs stubs, String id) {
        WorkflowStub stub = WorkflowClient.newInstance(stubs)
                .newUntypedWorkflowStub(
                        "Nobody",
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(id)
                                .setTaskQueue("nobody")
                                .build());
        stub.start();
    }

    private static String status(WorkflowServiceStubs stubs, String id) {
        return WorkflowClient.newInstance(stubs)
                .newUntypedWorkflowStub(id)
                .describe()
                .getStatus()
                .name();
    }
}
