package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Answer;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.BucketExamined;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.ClusterExamined;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Question;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.taskqueue.v1.PollerInfo;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Looks at Temporal itself, and has workers look at what only they can see. */
final class Doctor {

    private static final Duration CALL = Duration.ofSeconds(10);

    /** A bucket that is away takes a while to be given up. */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private final Tool tool;
    private boolean nobodyAnswers;

    Doctor(Tool tool) {
        this.tool = tool;
    }

    /** Whether Temporal, or every worker that decides, was away. */
    boolean nobodyAnswers() {
        return nobodyAnswers;
    }

    List<Examination> examine() {
        LifeboatConfig config = tool.config();
        Examinations temporal = new Examinations("temporal");
        boolean reached = temporal.examine("address", "a Temporal server answers", this::server);
        String away = "Temporal is away";
        temporal.examineIf(reached, away, "namespace", "it exists", this::namespace);
        boolean runbooks = reached && queue(temporal, TaskQueues.RUNBOOKS, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW);
        List<Examination> all = new ArrayList<>();
        boolean platform = runbooks && queue(temporal, TaskQueues.PLATFORM, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY);
        List<Examination> elsewhere = new ArrayList<>(ask("bucket", platform, new BucketExamined()));
        config.postgres().keySet().forEach(cluster -> {
            boolean served =
                    runbooks && queue(temporal, TaskQueues.postgres(cluster), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY);
            elsewhere.addAll(ask("postgres " + cluster, served, new ClusterExamined(cluster)));
        });
        nobodyAnswers = !runbooks;
        all.addAll(temporal.found());
        all.addAll(elsewhere);
        if (reached) {
            all.addAll(new ScheduleExamination(tool).examine());
        }
        return all;
    }

    private Seen server() {
        String address = tool.config().temporal().address();
        try {
            String version = tool.gateway()
                    .call(CALL)
                    .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
                    .getServerVersion();
            return new Seen(address + (version.isEmpty() ? "" : ", version " + version), true, "");
        } catch (StatusRuntimeException e) {
            CliFailure told = tool.explain(e);
            return new Seen(String.valueOf(told.getMessage()), false, told.hint());
        }
    }

    private Seen namespace() {
        String name = tool.config().temporal().namespace();
        try {
            tool.gateway()
                    .call(CALL)
                    .describeNamespace(DescribeNamespaceRequest.newBuilder()
                            .setNamespace(name)
                            .build());
            return new Seen(name, true, "");
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return Seen.nothing(name + ": this server, which is one for tests, does not tell");
            }
            return new Seen(
                    name + ": " + e.getStatus().getCode(),
                    false,
                    "make it with 'temporal operator namespace create -n %s', or correct temporal.namespace"
                            .formatted(name));
        }
    }

    /** Whether it is worth asking on this queue. */
    private boolean queue(Examinations temporal, String queue, TaskQueueType type) {
        return temporal.examine("queue " + queue, "a worker", () -> workers(queue, type));
    }

    private Seen workers(String queue, TaskQueueType type) {
        String start = "start a worker: 'lifeboat worker', on the database's own host for a cluster's queue";
        try {
            List<String> workers = new ArrayList<>(new TreeSet<>(tool
                    .gateway()
                    .call(CALL)
                    .describeTaskQueue(DescribeTaskQueueRequest.newBuilder()
                            .setNamespace(tool.gateway().namespace())
                            .setTaskQueue(TaskQueue.newBuilder().setName(queue))
                            .setTaskQueueType(type)
                            .build())
                    .getPollersList()
                    .stream()
                    .map(PollerInfo::getIdentity)
                    .toList()));
            return new Seen(workers.isEmpty() ? "none" : String.join(", ", workers), !workers.isEmpty(), start);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return Seen.nothing("this server, which is one for tests, does not tell");
            }
            CliFailure told = tool.explain(e);
            return new Seen(String.valueOf(told.getMessage()), false, told.hint());
        }
    }

    private List<Examination> ask(String subject, boolean served, Question question) {
        if (!served) {
            return List.of(
                    Examination.notMeasured(subject, "everything", "looked at by a worker", "no worker serves it"));
        }
        Examinations failed = new Examinations(subject);
        try {
            Optional<Answer> answer = tool.inquiries().askQuickly(question, ANSWER);
            if (answer.isPresent() && answer.get().examinations() != null) {
                return answer.get().examinations();
            }
            failed.examine(
                    "everything",
                    "an answer within " + ANSWER.toSeconds() + " s",
                    () -> new Seen("no worker answered", false, "look at the worker's log; start it again"));
        } catch (CliFailure | RecoveryFailure e) {
            CliFailure told = tool.explain(e);
            failed.examine(
                    "everything",
                    "looked at by a worker",
                    () -> new Seen(String.valueOf(told.getMessage()), false, told.hint()));
        }
        return failed.found();
    }
}
