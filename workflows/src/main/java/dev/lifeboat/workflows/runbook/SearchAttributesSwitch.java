package dev.lifeboat.workflows.runbook;

/**
 * Whether Lifeboat's search attributes are registered in the namespace. Set by the worker before it starts; a run asks
 * once, by a side effect, since a single upsert of an unregistered one fails the workflow task for ever.
 */
public final class SearchAttributesSwitch {

    private static volatile boolean registered;

    private SearchAttributesSwitch() {}

    public static void set(boolean areRegistered) {
        registered = areRegistered;
    }

    static boolean isOn() {
        return registered;
    }
}
