package dev.lifeboat.workflows.contract;

/** One queue per role: a worker then holds only the credentials of its queue. */
public final class TaskQueues {

    /** Workflows only; its workers hold no credential. */
    public static final String RUNBOOKS = "lifeboat-runbooks";

    /** Leases and evidence in the object store. */
    public static final String PLATFORM = "lifeboat-platform";

    private TaskQueues() {}

    /** Served next to one data directory. */
    public static String postgres(String cluster) {
        return "lifeboat-postgres." + cluster;
    }
}
