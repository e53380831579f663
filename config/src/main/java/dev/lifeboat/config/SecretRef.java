package dev.lifeboat.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a secret is: {@code env:NAME} or {@code file:PATH}. Printing it never shows the secret.
 *
 * @param base the folder that a relative file is relative to
 */
public record SecretRef(String reference, Path base) {

    /** @throws ConfigException when the variable is not set or the file cannot be read; the message holds no secret */
    public String resolve(Map<String, String> environment) {
        if (reference.startsWith("env:")) {
            String name = reference.substring("env:".length());
            String value = environment.get(name);
            if (value == null || value.isEmpty()) {
                throw new ConfigException(
                        "cannot read the secret " + reference + ": the environment variable " + name + " is not set",
                        "set it in the worker's environment and start the worker again");
            }
            return value;
        }
        if (reference.startsWith("file:")) {
            Path file = base.resolve(reference.substring("file:".length()));
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new ConfigException(
                        "cannot read the secret " + reference + ": " + file + " cannot be read by this user",
                        "check the path and that the worker's user owns the file");
            }
        }
        throw new ConfigException(
                "cannot read the secret " + reference + ": only env: and file: can be resolved on this host",
                "use env:NAME or file:PATH");
    }

    /** Where it lies; null when it is not a file. */
    public @Nullable Path file() {
        return reference.startsWith("file:") ? base.resolve(reference.substring("file:".length())) : null;
    }

    @Override
    public String toString() {
        return reference;
    }
}
