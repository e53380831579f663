package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.postgres.PostgresDoctorActivities;
import java.util.List;
import java.util.function.Supplier;

/** Examines one cluster: its server, its archive and backups, and whether this host has room for a recovery. */
final class PostgresDoctorActivitiesImpl implements PostgresDoctorActivities {

    private final ClusterAccess access;
    private final Supplier<ArchiverStatus> archiver;
    private final boolean dumpsScheduled;

    /** @param archiver how archiving by this worker stands */
    PostgresDoctorActivitiesImpl(ClusterAccess access, Supplier<ArchiverStatus> archiver, boolean dumpsScheduled) {
        this.access = access;
        this.archiver = archiver;
        this.dumpsScheduled = dumpsScheduled;
    }

    @Override
    public List<Examination> examine(String cluster) {
        access.requireName(cluster);
        Examinations found = new Examinations("postgres " + cluster);
        new ServerExamination(access, found).run();
        new ArchiveExamination(access, archiver, found).run();
        new DumpExamination(access, dumpsScheduled, found).run();
        new RecoveryExamination(access, found).run();
        new EncryptionExamination(access, found).run();
        return found.found();
    }
}
