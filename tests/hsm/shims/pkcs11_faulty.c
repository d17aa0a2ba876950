/* A PKCS #11 module that hands everything to another one, and fails as it is told to.
 *
 * PKCS11_FAULTY_MODULE names the module behind it; the folder named by PKCS11_FAULTY_FOLDER holds
 *   fault    when it is there, read at each call:
 *              "hang SECONDS"  C_Sign and C_Decrypt come back after that, or as soon as the file is gone
 *              "garbage"       C_Sign and C_Decrypt return something with one bit turned
 *              "removed"       CKR_DEVICE_REMOVED from whatever needs the token
 *              "login CODE"    C_Login returns CODE (hexadecimal) without asking the module
 *   logins   written here: one line for each C_Login, what it returned in hexadecimal
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long Value;
typedef Value (*Function)();
typedef struct { unsigned char major, minor; Function functions[68]; } FunctionList;

#define OK 0x0
#define GENERAL_ERROR 0x5
#define DEVICE_REMOVED 0x32
/* Places in CK_FUNCTION_LIST (PKCS #11 2.40). */
enum { GET_FUNCTION_LIST = 3, OPEN_SESSION = 12, LOGIN = 18, FIND_INIT = 26, DECRYPT = 34, SIGN_INIT = 42, SIGN = 43 };

static FunctionList behind, shown;

static FILE *open_file(const char *name, const char *mode)
{
    char path[4096];
    const char *folder = getenv("PKCS11_FAULTY_FOLDER");
    if (!folder) return NULL;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, mode);
}

/* The number after `word` when the fault file begins with it; otherwise -1. */
static long fault(const char *word, int base)
{
    char text[128] = "", *end;
    FILE *file = open_file("fault", "r");
    size_t length = strlen(word);
    if (!file) return -1;
    end = fgets(text, sizeof text, file);
    fclose(file);
    if (!end || strncmp(text, word, length) || (text[length] && !strchr(" \n", text[length]))) return -1;
    return strtol(text + length, NULL, base);
}

static void hang(void)
{
    long seconds = fault("hang", 10);
    for (long tenths = 0; tenths < 10 * seconds && fault("hang", 10) > 0; tenths++) usleep(100000);
}

static Value open_session(Value slot, Value flags, void *application, void *notify, Value *session)
{
    return fault("removed", 10) >= 0 ? DEVICE_REMOVED : behind.functions[OPEN_SESSION](slot, flags, application, notify, session);
}

static Value find_init(Value session, void *template, Value count)
{
    return fault("removed", 10) >= 0 ? DEVICE_REMOVED : behind.functions[FIND_INIT](session, template, count);
}

static Value sign_init(Value session, void *mechanism, Value key)
{
    return fault("removed", 10) >= 0 ? DEVICE_REMOVED : behind.functions[SIGN_INIT](session, mechanism, key);
}

static Value login(Value session, Value user, unsigned char *pin, Value length)
{
    long code = fault("login", 16);
    Value answer = code > 0 ? (Value)code : behind.functions[LOGIN](session, user, pin, length);
    FILE *file = open_file("logins", "a");
    if (file) {
        fprintf(file, "%lx\n", answer);
        fclose(file);
    }
    return answer;
}

static Value through(int function, Value session, unsigned char *in, Value in_length, unsigned char *out, Value *length)
{
    Value answer;
    if (out) hang();
    if (fault("removed", 10) >= 0) return DEVICE_REMOVED;
    answer = behind.functions[function](session, in, in_length, out, length);
    if (answer == OK && out && *length && fault("garbage", 10) >= 0) out[*length / 2] ^= 1;
    return answer;
}

static Value sign(Value session, unsigned char *in, Value in_length, unsigned char *out, Value *length)
{
    return through(SIGN, session, in, in_length, out, length);
}

static Value decrypt(Value session, unsigned char *in, Value in_length, unsigned char *out, Value *length)
{
    return through(DECRYPT, session, in, in_length, out, length);
}

Value C_GetFunctionList(FunctionList **list)
{
    const char *path = getenv("PKCS11_FAULTY_MODULE");
    void *module = path ? dlopen(path, RTLD_NOW) : NULL;
    Function get = module ? (Function)dlsym(module, "C_GetFunctionList") : NULL;
    FunctionList *real;
    if (!get || get(&real) != OK) return GENERAL_ERROR;
    behind = shown = *real;
    shown.functions[GET_FUNCTION_LIST] = (Function)C_GetFunctionList;
    shown.functions[OPEN_SESSION] = (Function)open_session;
    shown.functions[LOGIN] = (Function)login;
    shown.functions[FIND_INIT] = (Function)find_init;
    shown.functions[SIGN_INIT] = (Function)sign_init;
    shown.functions[SIGN] = (Function)sign;
    shown.functions[DECRYPT] = (Function)decrypt;
    *list = &shown;
    return OK;
}
