package dev.lifeboat.worker;

import dev.lifeboat.activities.evidence.EvidenceActivitiesImpl;
import dev.lifeboat.activities.objectstore.BucketLeases;
import dev.lifeboat.activities.objectstore.LeaseActivitiesImpl;
import dev.lifeboat.activities.objectstore.ObjectStoreActivitiesImpl;
import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.objectstore.StoreTraffic;
import dev.lifeboat.activities.postgres.PostgresRole;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.RunLiveness;
import dev.lifeboat.activities.store.StepTranscripts;
import dev.lifeboat.config.LifeboatConfig;
import dev.lifeboat.worker.WorkerArguments.Role;
import dev.lifeboat.workflows.contract.TaskQueues;
import dev.lifeboat.workflows.runbook.LateReportWorkflowImpl;
import dev.lifeboat.workflows.runbook.basebackup.BaseBackupWorkflowImpl;
import dev.lifeboat.workflows.runbook.dailydump.DailyDumpWorkflowImpl;
import dev.lifeboat.workflows.runbook.dumprestore.DumpRestoreWorkflowImpl;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflowImpl;
import dev.lifeboat.workflows.runbook.pitrrecovery.PitrRecoveryWorkflowImpl;
import dev.lifeboat.workflows.runbook.restoreverification.RestoreVerificationWorkflowImpl;
import dev.lifeboat.workflows.runbook.schedule.ScheduledRunWorkflowImpl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this process serves: workflow classes and activity objects for each task queue. A role that it does not have is
 * not even made, so its credentials are never looked at.
 */
final class Roles {

    /** Every workflow there is. */
    static final List<Class<?>> WORKFLOWS = List.of(
            PitrRecoveryWorkflowImpl.class,
            BaseBackupWorkflowImpl.class,
            DailyDumpWorkflowImpl.class,
            DumpRestoreWorkflowImpl.class,
            RestoreVerificationWorkflowImpl.class,
            InquiryWorkflowImpl.class,
            LateReportWorkflowImpl.class,
            ScheduledRunWorkflowImpl.class);

    /** What is registered on one queue. */
    record Queue(String name, List<Class<?>> workflows, List<Object> activities) {}

    private final Optional<ObjectStore> store;
    private final Optional<StepTranscripts> transcripts;
    private final Map<String, PostgresRole> postgres;
    private final List<Queue> queues;

    private Roles(
            Optional<ObjectStore> store,
            Optional<StepTranscripts> transcripts,
            Map<String, PostgresRole> postgres,
            List<Queue> queues) {
        this.store = store;
        this.transcripts = transcripts;
        this.postgres = postgres;
        this.queues = queues;
    }

    static Roles of(
            LifeboatConfig config,
            WorkerArguments arguments,
            Map<String, String> environment,
            String workerName,
            RunLiveness liveness,
            StoreTraffic traffic) {
        List<Queue> queues = new ArrayList<>();
        if (arguments.has(Role.RUNBOOKS)) {
            queues.add(new Queue(TaskQueues.RUNBOOKS, WORKFLOWS, List.of()));
        }
        if (!arguments.has(Role.PLATFORM) && !arguments.has(Role.POSTGRES)) {
            return new Roles(Optional.empty(), Optional.empty(), Map.of(), queues);
        }
        ObjectStore store = new S3ObjectStore(config.bucket(), environment, traffic);
        BucketLeases leases = new BucketLeases(store, liveness);
        if (arguments.has(Role.PLATFORM)) {
            queues.add(new Queue(
                    TaskQueues.PLATFORM,
                    List.of(),
                    List.of(
                            new LeaseActivitiesImpl(leases),
                            new EvidenceActivitiesImpl(store),
                            new ObjectStoreActivitiesImpl(store))));
        }
        Map<String, PostgresRole> postgres = new LinkedHashMap<>();
        Preflight.served(config, arguments).forEach(cluster -> {
            PostgresRole role = new PostgresRole(
                    cluster,
                    config.writers(),
                    config.retention(),
                    store,
                    leases,
                    environment,
                    workerName,
                    config.schedules().stream()
                            .anyMatch(schedule -> schedule.runbook().equals(DailyDumpWorkflowImpl.RUNBOOK)
                                    && schedule.cluster().equals(cluster.name())
                                    && schedule.paused() == null));
            postgres.put(cluster.name(), role);
            queues.add(new Queue(TaskQueues.postgres(cluster.name()), List.of(), role.activities()));
        });
        StepTranscripts transcripts = new StepTranscripts(store, workerName, () -> config.knownSecrets(environment));
        return new Roles(Optional.of(store), Optional.of(transcripts), postgres, queues);
    }

    List<Queue> queues() {
        return queues;
    }

    /** Empty for a worker that only runs workflows. */
    Optional<ObjectStore> store() {
        return store;
    }

    /** Where the logs of steps go; empty for a worker that only runs workflows. */
    Optional<StepTranscripts> transcripts() {
        return transcripts;
    }

    /** Whether this worker serves what belongs to no cluster: leases, evidence. */
    boolean servesPlatform() {
        return queues.stream().anyMatch(queue -> queue.name().equals(TaskQueues.PLATFORM));
    }

    Map<String, PostgresRole> postgres() {
        return postgres;
    }

    /** The background work that needs no Temporal: archiving WAL and writing the marker. */
    void start() {
        postgres.values().forEach(PostgresRole::start);
    }

    void close() {
        postgres.values().forEach(PostgresRole::close);
        transcripts.ifPresent(StepTranscripts::close);
    }
}
