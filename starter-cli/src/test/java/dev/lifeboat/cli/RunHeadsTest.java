package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.failure.v1.ApplicationFailureInfo;
import io.temporal.api.failure.v1.Failure;
import io.temporal.api.failure.v1.ServerFailureInfo;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.common.converter.DefaultDataConverter;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RunHeadsTest {

    private static final Failure OURS = Failure.newBuilder()
            .setMessage("cannot ask main at 127.0.0.1:5432: connection refused")
            .setApplicationFailureInfo(ApplicationFailureInfo.newBuilder().setType("DATABASE_UNREACHABLE"))
            .build();

    @Test
    void whyTheLastAttemptFailedIsSaidAsItIs() {
        assertThat(failureOf(OURS)).isEqualTo(OURS.getMessage());
    }

    @Test
    void aFailureTooLongForTheServerIsReadBehindItsNote() {
        Failure note = Failure.newBuilder()
                .setMessage("Failure exceeds size limit.")
                .setServerFailureInfo(ServerFailureInfo.getDefaultInstance())
                .setCause(OURS)
                .build();

        assertThat(failureOf(note)).isEqualTo(OURS.getMessage());
    }

    private static String failureOf(Failure failure) {
        DescribeWorkflowExecutionResponse answer = DescribeWorkflowExecutionResponse.newBuilder()
                .addPendingActivities(
                        PendingActivityInfo.newBuilder().setAttempt(2).setLastFailure(failure))
                .build();
        RunHead head = new RunHeads(DefaultDataConverter.newDefaultInstance()).of(answer);
        return String.valueOf(Objects.requireNonNull(head.activity()).failure());
    }
}
