"""The structures and functions of PKCS #11 3.1 that this driver uses, as C declares them.

The function list is declared as far as its last member used here; functions not called are plain pointers.
Packing is the platform's own, as modules outside Windows have it.
"""

from __future__ import annotations

from cffi import FFI

_FUNCTIONS = """
C_Initialize(void *) C_Finalize(void *) C_GetInfo(CK_INFO *) C_GetFunctionList
C_GetSlotList(CK_BYTE, CK_ULONG *, CK_ULONG *) C_GetSlotInfo C_GetTokenInfo(CK_ULONG, CK_TOKEN_INFO *)
C_GetMechanismList(CK_ULONG, CK_ULONG *, CK_ULONG *) C_GetMechanismInfo C_InitToken C_InitPIN C_SetPIN
C_OpenSession(CK_ULONG, CK_ULONG, void *, void *, CK_ULONG *) C_CloseSession(CK_ULONG) C_CloseAllSessions
C_GetSessionInfo C_GetOperationState C_SetOperationState C_Login(CK_ULONG, CK_ULONG, CK_BYTE *, CK_ULONG)
C_Logout C_CreateObject(CK_ULONG, CK_ATTRIBUTE *, CK_ULONG, CK_ULONG *) C_CopyObject
C_DestroyObject(CK_ULONG, CK_ULONG) C_GetObjectSize
C_GetAttributeValue(CK_ULONG, CK_ULONG, CK_ATTRIBUTE *, CK_ULONG) C_SetAttributeValue
C_FindObjectsInit(CK_ULONG, CK_ATTRIBUTE *, CK_ULONG)
C_FindObjects(CK_ULONG, CK_ULONG *, CK_ULONG, CK_ULONG *)
C_FindObjectsFinal(CK_ULONG)
C_EncryptInit(CK_ULONG, CK_MECHANISM *, CK_ULONG)
C_Encrypt(CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *) C_EncryptUpdate C_EncryptFinal
C_DecryptInit(CK_ULONG, CK_MECHANISM *, CK_ULONG)
C_Decrypt(CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *) C_DecryptUpdate C_DecryptFinal
C_DigestInit C_Digest C_DigestUpdate C_DigestKey C_DigestFinal
C_SignInit(CK_ULONG, CK_MECHANISM *, CK_ULONG)
C_Sign(CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *) C_SignUpdate C_SignFinal
C_SignRecoverInit C_SignRecover C_VerifyInit C_Verify C_VerifyUpdate C_VerifyFinal C_VerifyRecoverInit
C_VerifyRecover C_DigestEncryptUpdate C_DecryptDigestUpdate C_SignEncryptUpdate C_DecryptVerifyUpdate
C_GenerateKey(CK_ULONG, CK_MECHANISM *, CK_ATTRIBUTE *, CK_ULONG, CK_ULONG *)
C_GenerateKeyPair(CK_ULONG, CK_MECHANISM *, CK_ATTRIBUTE *, CK_ULONG, CK_ATTRIBUTE *, CK_ULONG,
CK_ULONG *, CK_ULONG *)
"""

_STRUCTURES = """
typedef unsigned char CK_BYTE;
typedef unsigned long CK_ULONG;
typedef struct { CK_BYTE major, minor; } CK_VERSION;
typedef struct {
    CK_VERSION cryptokiVersion;
    CK_BYTE manufacturerID[32];
    CK_ULONG flags;
    CK_BYTE libraryDescription[32];
    CK_VERSION libraryVersion;
} CK_INFO;
typedef struct {
    CK_BYTE label[32], manufacturerID[32], model[16], serialNumber[16];
    CK_ULONG flags, ulMaxSessionCount, ulSessionCount, ulMaxRwSessionCount, ulRwSessionCount;
    CK_ULONG ulMaxPinLen, ulMinPinLen;
    CK_ULONG ulTotalPublicMemory, ulFreePublicMemory, ulTotalPrivateMemory, ulFreePrivateMemory;
    CK_VERSION hardwareVersion, firmwareVersion;
    CK_BYTE utcTime[16];
} CK_TOKEN_INFO;
typedef struct { CK_ULONG type; void *pValue; CK_ULONG ulValueLen; } CK_ATTRIBUTE;
typedef struct { CK_ULONG mechanism; void *pParameter; CK_ULONG ulParameterLen; } CK_MECHANISM;
typedef struct { CK_ULONG hashAlg, mgf, sLen; } CK_RSA_PKCS_PSS_PARAMS;
typedef struct { CK_BYTE *pOctets; CK_ULONG ulLength; } CK_OCTETS;
typedef struct {
    CK_BYTE *pIv; CK_ULONG ulIvLen, ulIvBits; CK_BYTE *pAAD; CK_ULONG ulAADLen, ulTagBits;
} CK_GCM_PARAMS;
typedef struct {
    void *CreateMutex, *DestroyMutex, *LockMutex, *UnlockMutex; CK_ULONG flags; void *pReserved;
} CK_C_INITIALIZE_ARGS;
"""


def _member(function: str) -> str:
    """``C_Sign(...)`` as a function pointer; a bare name as a pointer that is never called."""
    name, bracket, arguments = function.partition("(")
    return f"CK_ULONG (*{name})({arguments};" if bracket else f"void *{name};"


def _functions() -> list[str]:
    """The members of the function list in their order."""
    return ["C_" + text.strip() for text in _FUNCTIONS.replace("\n", " ").split(" C_") if text.strip()]


def declared() -> FFI:
    """An FFI that knows all of it."""
    ffi = FFI()
    members = "\n".join(_member(function) for function in _functions())
    ffi.cdef(
        f"{_STRUCTURES}\ntypedef struct {{ CK_VERSION version;\n{members}\n}} CK_FUNCTION_LIST;\n"
        "CK_ULONG C_GetFunctionList(CK_FUNCTION_LIST **list);"
    )
    return ffi
