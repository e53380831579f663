package dev.lifeboat.workflows.contract.postgres;

import dev.lifeboat.workflows.contract.doctor.Examination;
import io.temporal.activity.ActivityInterface;
import java.util.List;

/** Whether a cluster could be recovered if it were lost now. */
@ActivityInterface(namePrefix = "PostgresDoctor")
public interface PostgresDoctorActivities {

    /** Looks at the server, its archive, its backups and this host; changes nothing. */
    List<Examination> examine(String cluster);
}
